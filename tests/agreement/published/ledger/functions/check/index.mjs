export const handler = async (event) => ({ ok: true, account: event.account });
