exports.handler = (event, context, callback) => {
    callback(null, { id: event.id, sender: process.env.SENDER, text: `${event.total} paid, ${event.receipt.number}` });
};
