import { setTimeout as sleep } from "node:timers/promises";
import { EXIT, UserError } from "../errors.js";
import type { CommentTarget } from "./comment-target.js";

/** How much trouble is taken with one request. */
export interface Patience {
  /** Milliseconds before the second try, the third and so on, after a lost connection or a 5xx, where the Git host names no other time. */
  readonly pauses: readonly number[];
  /** The longest wait that the Git host may ask for, milliseconds; a longer one ends it with a sentence. */
  readonly longestWaitMs: number;
  /** What one try may take, milliseconds. */
  readonly timeoutMs: number;
  readonly sleep: (milliseconds: number) => Promise<void>;
}

/** Four tries, and no wait over two minutes. */
export const PATIENCE: Patience = { pauses: [1_000, 4_000, 15_000], longestWaitMs: 120_000, timeoutMs: 30_000, sleep: async (milliseconds) => void (await sleep(milliseconds)) };

/** An answer that is none of a server's troubles: 2xx, 3xx or 4xx. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** Null when the body is no JSON. */
  readonly body: unknown;
}

/** Nobody knows whether a request was carried out: the connection was lost, or the server failed in the middle of it. */
export class Unsure extends Error {}

/** The REST interface of a Git host, asked with patience and never with the token in a message. */
export class GitHost {
  constructor(
    private readonly target: CommentTarget,
    private readonly patience: Patience = PATIENCE,
  ) {}

  /** Its name for a person. */
  get host(): string {
    return new URL(this.target.api).host;
  }

  /**
   * Asks, and asks again while that can help. What may not be done twice (`POST`) is repeated only when it was certainly not carried out.
   * @param path below the interface, or a whole address of it
   * @throws UserError (internal) when it does not answer, or asks for a wait that is too long; Unsure for a `POST` whose end is not known
   */
  async ask(method: "GET" | "POST" | "PATCH", path: string, body?: object): Promise<Answer> {
    const address = path.startsWith("/") ? `${this.target.api}${path}` : path;
    for (let tries = 1; ; tries += 1) {
      const answer = await this.once(method, address, body);
      const pause = this.patience.pauses[tries - 1];
      if (typeof answer === "string" || answer.status >= 500) {
        const said = typeof answer === "string" ? answer : `it answered ${answer.status}`;
        if (method === "POST") throw new Unsure(said);
        if (pause === undefined) throw this.gaveUp(said, tries);
        await this.patience.sleep(Math.min(typeof answer === "string" ? pause : (askedFor(answer.headers) ?? pause), this.patience.longestWaitMs));
      } else {
        const wait = limitedFor(answer, pause);
        if (wait === null) return answer;
        if (pause === undefined) throw this.gaveUp(`it answered ${answer.status} because of too many requests`, tries);
        if (wait > this.patience.longestWaitMs) throw new UserError(EXIT.internal, `The Git host at ${this.host} takes no more requests with this token for ${Math.ceil(wait / 60_000)} min (${answer.status}); run it again then.`);
        await this.patience.sleep(wait);
      }
    }
  }

  /** The sentence for giving up. */
  gaveUp(said: string, tries: number): UserError {
    return new UserError(EXIT.internal, `The Git host at ${this.host} could not be reached for the comment: ${said} (${tries} ${tries === 1 ? "try" : "tries"}). Nothing else depends on that; run it again.`);
  }

  /** The answer, or why there is none. A redirect is not followed: the token goes where it was meant to go and nowhere else. */
  private async once(method: string, address: string, body: object | undefined): Promise<Answer | string> {
    const late = AbortSignal.timeout(this.patience.timeoutMs);
    try {
      const response = await fetch(address, {
        method,
        redirect: "manual",
        signal: late,
        headers: { accept: "application/vnd.github+json", "x-github-api-version": "2022-11-28", "user-agent": "mission-deploy", authorization: `Bearer ${this.target.token}`, ...(body === undefined ? {} : { "content-type": "application/json" }) },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      return { status: response.status, headers: response.headers, body: parsed(text) };
    } catch (error) {
      return late.aborted ? `no answer within ${this.patience.timeoutMs} ms` : ((error as Error & { cause?: NodeJS.ErrnoException }).cause?.code ?? "the connection was lost");
    }
  }
}

/**
 * How long a limit of requests asks to wait, milliseconds; null when the answer is about no such limit. A 403 is one only when it says so; where the host
 * names no time, it wants at least a minute.
 */
function limitedFor({ status, headers, body }: Answer, pause: number | undefined): number | null {
  if (status !== 429 && status !== 403) return null;
  const asked = askedFor(headers);
  if (asked !== null) return asked;
  if (status === 429 || /rate limit/i.test(messageOf(body))) return Math.max(60_000, pause ?? 0);
  return null;
}

function askedFor(headers: Headers): number | null {
  const seconds = headers.get("retry-after");
  if (seconds !== null && /^\d+$/.test(seconds)) return Number(seconds) * 1_000;
  const reset = headers.get("x-ratelimit-reset");
  if (headers.get("x-ratelimit-remaining") === "0" && reset !== null && /^\d+$/.test(reset)) return Math.max(1_000, Number(reset) * 1_000 - Date.now());
  return null;
}

/** What the interface says of itself; empty when it says nothing. */
export function messageOf(body: unknown): string {
  const message = typeof body === "object" && body !== null ? (body as { message?: unknown }).message : undefined;
  return typeof message === "string" ? message : "";
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}
