exports.handler = async (event) => {
  if (event.amount < 0) {
    const error = new Error("refused");
    error.name = "PaymentRefused";
    throw error;
  }
  return { receipt: event.id };
};
