import { EXIT, UserError } from "../errors.js";
import { runEngine } from "./run-engine.js";

/** A shorter value stands in any state by chance, so that finding it says nothing. Characters. */
export const SHORTEST_SEARCHED = 8;

/** The forms in which a value can stand in a text: as it is, and as JSON, URLs and base64 write it. */
export function formsOf(value: string): string[] {
  const json = JSON.stringify(value).slice(1, -1);
  const base64 = Buffer.from(value).toString("base64");
  return [...new Set([value, json, JSON.stringify(json).slice(1, -1), encodeURIComponent(value), base64, base64.replace(/=+$/, ""), Buffer.from(value).toString("base64url")])];
}

/** The names of the secrets, among those with at least SHORTEST_SEARCHED characters, that stand readable in a text. */
export function secretsIn(text: string, secrets: ReadonlyMap<string, string>): string[] {
  return [...secrets].filter(([, value]) => value.length >= SHORTEST_SEARCHED && formsOf(value).some((form) => text.includes(form))).map(([name]) => name);
}

/**
 * The values of a stack's secrets, by name.
 * @param why what is not possible without them, the beginning of a sentence
 * @throws UserError (failed) when they cannot be read
 */
export async function readSecrets(environment: Readonly<Record<string, string>>, why: string): Promise<ReadonlyMap<string, string>> {
  const { code, stdout, stderr } = await runEngine(["config", "--show-secrets", "--json"], { environment });
  if (code !== 0) throw new UserError(EXIT.failed, `${why}: ${stderr.trim()}`);
  const entries = Object.entries(JSON.parse(stdout) as Record<string, { value?: string; secret?: boolean }>);
  return new Map(entries.flatMap(([name, { value, secret }]) => (secret === true && typeof value === "string" ? [[name, value] as const] : [])));
}

/** What a search of a stack's state has found. */
export interface StateSearch {
  /** How many values were looked for; shorter ones than SHORTEST_SEARCHED are not. */
  readonly searched: number;
  /** Names of the secrets that stand in it in plain text. */
  readonly found: readonly string[];
}

/**
 * Searches the state of a stack for the values of its secrets: encrypted ones are not found, readable ones must not be there.
 * @throws UserError (failed) when the state or the secrets cannot be looked at
 */
export async function secretsReadable(stack: string, environment: Readonly<Record<string, string>>): Promise<StateSearch> {
  const why = `Whether the state of stack "${stack}" holds a secret in plain text could not be looked at`;
  const [secrets, state] = await Promise.all([readSecrets(environment, why), runEngine(["stack", "export"], { environment })]);
  if (state.code !== 0) throw new UserError(EXIT.failed, `${why}: ${state.stderr.trim()}`);
  return { searched: [...secrets.values()].filter((value) => value.length >= SHORTEST_SEARCHED).length, found: secretsIn(state.stdout, secrets) };
}

/**
 * Like `secretsReadable`, for those who go no further when there is one.
 * @throws UserError (failed) that names every secret found, never its value
 */
export async function searchState(stack: string, environment: Readonly<Record<string, string>>): Promise<void> {
  const { found } = await secretsReadable(stack, environment);
  if (found.length > 0) throw new UserError(EXIT.failed, readableInWords(stack, found));
}

/** One sentence on secrets that stand in a state in plain text, and what to do. */
export function readableInWords(stack: string, found: readonly string[]): string {
  return `The state of stack "${stack}" holds ${found.map((name) => `"${name}"`).join(", ")} in plain text; everybody who can read the backend can read that. Set a new value (pulumi config set --secret), and keep the old one from where it got there: a variable, an argument or a name that holds it.`;
}
