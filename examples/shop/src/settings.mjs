/**
 * Everything the environment decides.
 * @typedef {object} Settings
 * @property {string} host
 * @property {number} port  0 lets the system choose
 * @property {string} databaseUrl  `postgres://...`, or `memory:`
 * @property {string} paymentKey  signs receipts; never printed
 * @property {string} greeting
 * @property {string | null} slot
 * @property {string | null} environment
 * @property {number | null} faultRate  0 to 1; null is the fault's own rate
 * @property {string | null} faultEnvironment  null is every environment
 * @property {string | null} faultTrigger  errors and latency act only while this file exists; null is always
 */

/** Mistakes in the environment, one sentence each; the process ends with code 78 (EX_CONFIG). */
export class SettingsError extends Error {
  /** @param {string[]} sentences */
  constructor(sentences) {
    super(sentences.join("\n"));
    this.name = "SettingsError";
  }
}

/**
 * Reads the settings and reports all mistakes at once. Messages never repeat a value that may be secret.
 * @param {NodeJS.ProcessEnv} env
 * @param {import("./build-info.mjs").BuildInfo} build  good builds do not look at the FAULT_ variables
 * @returns {Settings}
 * @throws {SettingsError}
 */
export function readSettings(env, build) {
  const mistakes = [];
  const port = Number(env.PORT || 8080);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    mistakes.push(`"PORT" is ${JSON.stringify(env.PORT)}; allowed is a whole number from 0 to 65535.`);
  }
  if (!env.PAYMENT_KEY) {
    mistakes.push('"PAYMENT_KEY" is missing; set it to the secret that signs order receipts.');
  }
  if (!/^(postgres(ql)?:\/\/.|memory:$)/.test(env.DATABASE_URL ?? "")) {
    mistakes.push(
      `"DATABASE_URL" is ${env.DATABASE_URL ? "not understood" : "missing"}; allowed is postgres://user:password@host:port/database, or memory: to forget everything at exit.`,
    );
  }
  const faultRate = build.fault && env.FAULT_RATE ? Number(env.FAULT_RATE) : null;
  if (faultRate !== null && !(faultRate >= 0 && faultRate <= 1)) {
    mistakes.push(`"FAULT_RATE" is ${JSON.stringify(env.FAULT_RATE)}; allowed is a number from 0 to 1.`);
  }
  if (mistakes.length > 0) throw new SettingsError(mistakes);
  return {
    host: env.HOST || "127.0.0.1",
    port,
    databaseUrl: /** @type {string} */ (env.DATABASE_URL),
    paymentKey: /** @type {string} */ (env.PAYMENT_KEY),
    greeting: env.GREETING || "Welcome",
    slot: env.MISSION_SLOT || null,
    environment: env.MISSION_ENVIRONMENT || null,
    faultRate,
    faultEnvironment: (build.fault && env.FAULT_ENVIRONMENT) || null,
    faultTrigger: (build.fault && env.FAULT_TRIGGER) || null,
  };
}
