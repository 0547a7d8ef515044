class TooExpensive extends Error {
  name = "Stock.TooExpensive";
}

// Sells one share. Nobody pays more than 99.
export function lambdaHandler({ stock_price: price }, context, callback) {
  if (price > 99) return callback(new TooExpensive(`nobody pays ${price}`));
  const timestamp = new Date().toISOString();
  callback(null, { id: context.awsRequestId, price: String(price), type: "sell", qty: "1", timestamp });
}
