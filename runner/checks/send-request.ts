import { Client } from "undici";
import { kindOf, type ProbeError } from "../prober/outcome.js";
import { formatDuration } from "../../model/duration.js";

/** Of an answer's body, read at most: 1 MiB. */
export const BODY_LIMIT = 1024 * 1024;

/** A request as it is sent. */
export interface CheckRequest {
  /** Scheme, host and port. */
  readonly origin: string;
  readonly method: string;
  /** Path and query, encoded. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
}

export interface Answer {
  readonly status: number;
  /** By name in lower case; values of a repeated header are joined with `, `. */
  readonly headers: Readonly<Record<string, string>>;
  /** As UTF-8. */
  readonly body: string;
  /** Whether the body was longer than what was read. */
  readonly cut: boolean;
  /** From sending, the connection included, to the last byte that was read. */
  readonly milliseconds: number;
}

/** An answer, or in words why there is none. `ours`: this machine could not send it, which says nothing about the service. */
export type Sent = { readonly ok: true; readonly answer: Answer } | { readonly ok: false; readonly reason: string; readonly ours: boolean };

export interface SendOptions {
  /** Milliseconds until the answer must be complete. */
  readonly limitMs: number;
  readonly signal?: AbortSignal | undefined;
  /** Whether the body is of interest. Default true. */
  readonly readBody?: boolean;
}

/** Sends one request on a connection of its own: never repeated, no redirect followed, no error thrown for what the other side does. */
export async function sendRequest(request: CheckRequest, { limitMs, signal, readBody = true }: SendOptions): Promise<Sent> {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), limitMs);
  let client: Client | undefined;
  let began = false;
  try {
    const { origin, method, path, headers, body } = request;
    // The time is kept here; these only give back a connection that never comes.
    client = new Client(origin, { connect: { timeout: limitMs + 1_000 }, headersTimeout: 0, bodyTimeout: 0 });
    const begun = performance.now();
    const response = await client.request({
      method,
      path,
      headers: { "user-agent": "mission-deploy", ...headers },
      body,
      reset: true,
      signal: signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal]),
    });
    began = true;
    // What is left of a body that nobody reads to its end fails when the connection is closed.
    response.body.on("error", () => undefined);
    const read = readBody ? await readLimited(response.body) : { body: "", cut: true };
    const answer = { status: response.statusCode, headers: joined(response.headers), ...read, milliseconds: performance.now() - begun };
    return { ok: true, answer };
  } catch (error) {
    if (stop.signal.aborted) return { ok: false, reason: late(began, limitMs), ours: false };
    if (signal?.aborted) return { ok: false, reason: "the check was interrupted", ours: true };
    if (!(error instanceof Error)) throw error;
    const kind = kindOf(error, began);
    return { ok: false, reason: inWords(kind, error), ours: kind === "client" };
  } finally {
    clearTimeout(timer);
    await client?.destroy();
  }
}

async function readLimited(body: AsyncIterable<Buffer> & { destroy(): unknown }): Promise<{ readonly body: string; readonly cut: boolean }> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > BODY_LIMIT) break;
  }
  return { body: new TextDecoder().decode(Buffer.concat(chunks).subarray(0, BODY_LIMIT)), cut: size > BODY_LIMIT };
}

function joined(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, Array.isArray(value) ? value.join(", ") : value]])));
}

function late(began: boolean, limitMs: number): string {
  return began ? `the answer began, but was not complete after ${formatDuration(limitMs)}` : `no answer came within ${formatDuration(limitMs)}`;
}

const WORDS: Readonly<Partial<Record<ProbeError, string>>> = {
  refused: "no connection was accepted",
  unreachable: "there is no way to the host, or no host of that name",
  reset: "the connection was closed before an answer began",
  timeout: "no connection came about in time",
  "early-end": "the answer broke off before its end",
  protocol: "what came was not HTTP",
  client: "this machine could not send the request",
};

/** Why there was no answer; of an error only its code, since its message may repeat what was sent. */
export function inWords(kind: ProbeError, error: Error & { readonly code?: unknown }): string {
  const code = typeof error.code === "string" ? ` (${error.code})` : "";
  return `${WORDS[kind] ?? "the exchange failed"}${kind === "client" || WORDS[kind] === undefined ? code : ""}`;
}
