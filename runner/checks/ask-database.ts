import { Client } from "pg";
import { formatDuration } from "../../model/duration.js";
import { kindOf } from "../prober/outcome.js";
import { failed, notMade, PASSED, type Ending } from "./check-result.js";
import { inWords } from "./send-request.js";

/**
 * Whether a PostgreSQL database takes a connection and answers `SELECT 1`.
 * @param url its address; never repeated in what is said
 * @param limitMs milliseconds for both together
 */
export async function askDatabase(url: string, limitMs: number): Promise<Ending> {
  const connectMs = Math.ceil(limitMs * 0.6);
  let client: Client;
  try {
    client = new Client({ connectionString: url, connectionTimeoutMillis: connectMs, query_timeout: limitMs - connectMs, application_name: "mission-check" });
  } catch {
    return notMade("the address of the database is not understood");
  }
  // A connection that breaks while nothing is asked of it is reported here too; the next call says it.
  client.on("error", () => undefined);
  try {
    await client.connect();
    await client.query("SELECT 1");
    return PASSED;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return failed(reasonOf(error, limitMs));
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** What PostgreSQL's codes mean (appendix A of its manual); its messages may name users and databases. */
const STATES: readonly (readonly [RegExp, string])[] = [
  [/^28/, "it refuses the login"],
  [/^3D000$/, "it has no database of that name"],
  [/^53300$/, "it has no connection left"],
  [/^57P0[123]$/, "it is starting or stopping"],
];

function reasonOf(error: Error & { readonly code?: unknown }, limitMs: number): string {
  const code = typeof error.code === "string" ? error.code : "";
  const state = STATES.find(([pattern]) => pattern.test(code));
  if (state !== undefined) return `the database does not answer: ${state[1]}`;
  if (/^[0-9A-Z]{5}$/.test(code) && /\d/.test(code)) return `the database answers with an error (SQLSTATE ${code})`;
  if (/timeout/i.test(error.message)) return `the database did not answer within ${formatDuration(limitMs)}`;
  if (/terminated unexpectedly/.test(error.message)) return "the database closed the connection";
  return `the database does not answer: ${inWords(kindOf(error, false), error)}`;
}
