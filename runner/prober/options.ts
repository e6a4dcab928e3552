import { randomBytes } from "node:crypto";
import { validateHeaderName, validateHeaderValue } from "node:http";
import { z } from "zod";

const whole = (least: number, most: number) => {
  const allowed = `allowed is a whole number from ${least} to ${most}`;
  return z.int(allowed).min(least, allowed).max(most, allowed);
};
const RATE = "allowed is a number above 0, to 20000";
/** The client library sets these, or sends no request that has them. */
const RESERVED_HEADERS = new Set(["connection", "content-length", "expect", "keep-alive", "transfer-encoding", "upgrade", "x-request-id"]);

const requestSchema = z.strictObject({
  /** HTTP method. Default GET. */
  method: z.enum(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]).default("GET"),
  /** Path with query, beginning with a slash; it is appended to the path of `url`. */
  path: z.string().regex(/^\/[!-"$-~]*$/, "allowed is a path that begins with /, in printable ASCII without spaces and #"),
  /** Body as text. */
  body: z.string().optional(),
  /** Headers in addition to `x-request-id`, which the prober sets itself, as it does those of the connection. */
  headers: z
    .record(z.string(), z.string())
    .superRefine((headers, context) => {
      for (const [name, value] of Object.entries(headers)) {
        const message = mistakeInHeader(name, value);
        if (message !== undefined) context.addIssue({ code: "custom", path: [name], message });
      }
    })
    .default({}),
  /** How often this request is chosen in comparison with the others, 1 to 1000. Default 1. */
  weight: whole(1, 1000).default(1),
  /** Text that a complete body ends with; without it the response has ended early, even if its framing says otherwise. */
  endsWith: z.string().min(1).optional(),
});

/** What a prober does; read by both the caller and the prober's own process. */
export const proberOptionsSchema = z.strictObject({
  /** Base address, such as `http://127.0.0.1:8080`. */
  url: z
    .url({ protocol: /^https?$/, error: "allowed is an http or https address" })
    .refine(isOriginAndPath, "allowed is an address without user, query and #; a query belongs to the path of a request"),
  /** What to send; each as often as its weight says, in an order that is drawn. Default GET /. */
  requests: z.array(requestSchema).min(1).prefault([{ path: "/" }]),
  /** Requests per second, above 0 to 20000. Not used by `streams`. Default 100. */
  rate: z.number(RATE).positive(RATE).max(20_000, RATE).default(100),
  /**
   * `even`: at even distances. `random`: at random ones, as independent people come, which is needed to tell shares; with `durationMs` as many requests as
   * are due in that time on average. Not used by `streams`. Default even.
   */
  arrivals: z.enum(["even", "random"]).default("even"),
  /**
   * `keep-alive`: a pool of connections. `connection-per-request`: as said; about 28,000 connections per minute is what the
   * ports of one machine allow against a remote server. `streams`: long responses, each opened again when it ends.
   */
  mode: z.enum(["keep-alive", "connection-per-request", "streams"]).default("keep-alive"),
  /** Connections in the pool, or streams at the same time; 1 to 4096. Not used by `connection-per-request`. Default 64. */
  connections: whole(1, 4096).default(64),
  /** How long a request may take from the moment it is started, and how long a stream may be silent; 1 to 600000. Default 5000. */
  timeoutMs: whole(1, 600_000).default(5000),
  /** How long requests are sent, in ms, at most a day. Default: until stopped. */
  durationMs: whole(1, 86_400_000).optional(),
  /** File that gets one JSON line per request; lines are appended. Default: none. */
  log: z.string().min(1).optional(),
  /** First part of every request's id. Default: 8 random hexadecimal digits. */
  run: z
    .string()
    .regex(/^[\w.-]{1,64}$/, "allowed are 1 to 64 letters, digits and . _ -")
    .prefault(() => randomBytes(4).toString("hex")),
  /** How long the caller waits for the first answer, in ms. Default 10000. */
  startTimeoutMs: whole(1, 600_000).default(10_000),
});

/** Options as a caller writes them. */
export type ProberOptions = z.input<typeof proberOptionsSchema>;
/** Options with every default filled in. */
export type ResolvedProberOptions = z.output<typeof proberOptionsSchema>;
/** One kind of request that a prober sends. */
export type ProbeRequest = ResolvedProberOptions["requests"][number];

/**
 * Checks options and fills in the defaults.
 * @throws RangeError with one sentence per mistake.
 */
export function readProberOptions(value: unknown): ResolvedProberOptions {
  const result = proberOptionsSchema.safeParse(value);
  if (result.success) return result.data;
  throw new RangeError(result.error.issues.map(({ path, message }) => `Prober option "${path.join(".") || "options"}": ${message}.`).join("\n"));
}

function mistakeInHeader(name: string, value: string): string | undefined {
  if (RESERVED_HEADERS.has(name.toLowerCase())) return "is set by the prober; allowed is any other header";
  try {
    validateHeaderName(name);
    validateHeaderValue(name, value);
    return undefined;
  } catch (error) {
    return `HTTP does not allow it (${error instanceof Error ? error.message : String(error)})`;
  }
}

function isOriginAndPath(address: string): boolean {
  if (!URL.canParse(address)) return true; // The check of the address itself has said so.
  const { username, password, search, hash } = new URL(address);
  return username + password + search + hash === "";
}
