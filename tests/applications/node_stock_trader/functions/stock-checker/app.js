// The price of a stock: the one that is asked for, or a random one.
exports.lambdaHandler = async ({ price }) => {
  console.log("checking the price");
  return { stock_price: price ?? Math.floor(Math.random() * (Number(process.env.HIGHEST_PRICE) + 1)) };
};
