// SQLSTATE: 08 connection failed, 53 out of resources, 57P0x the server is stopping or starting, 42P01 tables are not prepared yet.
const SQLSTATE = /^(08...|53...|57P0[1-4]|42P01)$/;
const SYSTEM = new Set(["ECONNREFUSED", "ECONNRESET", "EPIPE", "ETIMEDOUT", "ENOENT", "EHOSTUNREACH"]);

/**
 * Whether an error means that the database cannot be reached at this moment, so that trying again later makes sense.
 * @param {Error & { code?: string }} error
 */
export function isUnavailable(error) {
  if (error.code !== undefined) return SYSTEM.has(error.code) || SQLSTATE.test(error.code);
  return /^Connection terminated|timeout exceeded when trying to connect/.test(error.message);
}
