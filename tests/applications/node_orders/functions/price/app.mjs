const PRICES = { book: 12.5, laptop: 900 };

export const lambdaHandler = async (event) => {
    const price = PRICES[event.item];
    if (price === undefined) {
        const error = new Error(`there is no ${event.item}`);
        error.name = "UnknownItem";
        throw error;
    }
    return price * event.quantity;
};
