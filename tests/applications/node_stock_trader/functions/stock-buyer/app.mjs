// Buys as many shares as 100 pays for.
export const lambdaHandler = async ({ stock_price: price }, context) => ({
  id: context.awsRequestId,
  price: String(price),
  type: "buy",
  qty: String(Math.floor(100 / Math.max(price, 1))),
  timestamp: new Date().toISOString(),
});
