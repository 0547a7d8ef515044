exports.handler = async (event) => {
  return { token: event.token, sent: true };
};
