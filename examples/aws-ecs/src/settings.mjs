/** Characters that a key must have: 32 of hexadecimal digits are 128 bits. */
const SHORTEST_KEY = 32;
/** Milliseconds of a minute. */
const MINUTE = 60_000;

/**
 * What the process is told by its environment.
 * @returns {{settings: object} | {mistakes: string[]}} every mistake at once; a value that is secret is in none of them
 */
export function readSettings(environment) {
  const mistakes = [];
  const { QUOTE_KEY = "", CURRENCY = "EUR", QUOTE_MINUTES = "15", PORT = "8080", HOST = "127.0.0.1", MISSION_RELEASE = null, MISSION_SLOT = null } = environment;
  if (QUOTE_KEY.length < SHORTEST_KEY) mistakes.push(`"QUOTE_KEY" has ${QUOTE_KEY.length} characters; allowed are ${SHORTEST_KEY} or more: openssl rand -hex 32 makes one.`);
  if (!/^[A-Z]{3}$/.test(CURRENCY)) mistakes.push(`"CURRENCY" is ${JSON.stringify(CURRENCY)}; allowed is a code of ISO 4217 such as EUR.`);
  const minutes = wholeNumber("QUOTE_MINUTES", QUOTE_MINUTES, 1, 1440, mistakes);
  const port = wholeNumber("PORT", PORT, 0, 65_535, mistakes);
  if (mistakes.length > 0) return { mistakes };
  return { settings: { key: QUOTE_KEY, currency: CURRENCY, quoteMs: minutes * MINUTE, port, host: HOST, release: MISSION_RELEASE, slot: MISSION_SLOT } };
}

function wholeNumber(name, text, least, most, mistakes) {
  const number = /^\d{1,6}$/.test(text) ? Number(text) : NaN;
  if (!(number >= least && number <= most)) mistakes.push(`"${name}" is ${JSON.stringify(text)}; allowed is a whole number from ${least} to ${most}.`);
  return number;
}
