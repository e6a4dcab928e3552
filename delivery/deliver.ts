import { constants } from "node:fs";
import { mkdir, open } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/*
 * How a text gets to whoever is to be told. A folder of its own, like `artifacts/`: the sandbox's supervisor (alarms) and the runner (how a mission goes)
 * tell the same targets in the same way, and neither may import the other's insides.
 */

/** Who is told: a file gets one line of JSON, a webhook a POST in Slack's format. */
export type Target = { readonly type: "file"; readonly path: string } | { readonly type: "webhook"; readonly url: string };

/** The same news in both forms. */
export interface News {
  /** For people; what a webhook gets as `{"text": ...}`. */
  readonly text: string;
  /** What a file gets, as one line. */
  readonly line: Readonly<Record<string, unknown>>;
}

/** How a delivery ended; the reason names no path of a webhook, which may be a secret. */
export type Outcome = { readonly ok: true } | { readonly ok: false; readonly reason: string };

/** What became of one target. */
export interface Delivery {
  /** `topic`: by a service of the platform that passes it on. */
  readonly type: Target["type"] | "topic";
  /** The absolute path of a file; of a webhook the host alone, because its path may be a secret; of a topic its subscriber. */
  readonly where: string;
  readonly ok: boolean;
  /** Why not; null when it was delivered. */
  readonly reason: string | null;
}

/** How much trouble is taken. */
export interface DeliveryOptions {
  /** Milliseconds between the tries of a webhook, each lengthened or shortened by up to a half; one try more than pauses. Default 1 s and 4 s: three tries. */
  readonly pauses?: readonly number[];
  /** Milliseconds that one try may take. Default 5,000. */
  readonly timeoutMs?: number;
  /** Ends it early. */
  readonly signal?: AbortSignal;
}

const PAUSES = [1_000, 4_000];
const TIMEOUT = 5_000;
/** The server may do better next time; every other refusal is its last word. */
const AGAIN = new Set([408, 425, 429]);

/** Milliseconds after which a delivery with these options has ended for certain, if nobody waits before it. */
export function longestDelivery({ pauses = PAUSES, timeoutMs = TIMEOUT }: DeliveryOptions = {}): number {
  return (pauses.length + 1) * timeoutMs + pauses.reduce((sum, pause) => sum + 1.5 * pause, 0);
}

/** Tells one target. Never throws. `directory` is what relative paths are below. */
export async function deliver(target: Target, news: News, directory: string, options: DeliveryOptions = {}): Promise<Outcome> {
  try {
    if (target.type === "file") return await within(append(resolve(directory, target.path), `${JSON.stringify(news.line)}\n`), options);
    return await post(target.url, news.text, options);
  } catch (error) {
    return { ok: false, reason: (error as NodeJS.ErrnoException).code ?? "failed" };
  }
}

/** Where a target is, without what may be a secret. */
export function whereIs(target: Target, directory: string): string {
  return target.type === "file" ? resolve(directory, target.path) : hostOf(target.url);
}

/** A delivery's outcome with where it went. */
export function deliveryTo(target: Target, directory: string, outcome: Outcome): Delivery {
  return { type: target.type, where: whereIs(target, directory), ok: outcome.ok, reason: outcome.ok ? null : outcome.reason };
}

async function append(path: string, line: string): Promise<Outcome> {
  await mkdir(dirname(path), { recursive: true });
  // A pipe that nobody reads must not hold up whoever tells.
  const file = await open(path, constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NONBLOCK, 0o600);
  try {
    await file.appendFile(line);
  } finally {
    await file.close();
  }
  return { ok: true };
}

/** A file system that does not answer is a target that does not answer. */
async function within(work: Promise<Outcome>, { timeoutMs = TIMEOUT, signal }: DeliveryOptions): Promise<Outcome> {
  const done = new AbortController();
  const late = sleep(timeoutMs, undefined, { ref: false, signal: AbortSignal.any([done.signal, ...(signal === undefined ? [] : [signal])]) }).then(
    (): Outcome => ({ ok: false, reason: `not written within ${timeoutMs} ms` }),
    (): Outcome => ({ ok: false, reason: "ended before it was written" }),
  );
  try {
    return await Promise.race([work, late]);
  } finally {
    done.abort();
    work.catch(() => undefined);
  }
}

async function post(url: string, text: string, { pauses = PAUSES, timeoutMs = TIMEOUT, signal }: DeliveryOptions): Promise<Outcome> {
  for (let tries = 1; ; tries += 1) {
    const answer = await postOnce(url, text, timeoutMs, signal);
    if (typeof answer === "number" && answer >= 200 && answer <= 299) return { ok: true };
    const pause = pauses[tries - 1];
    const final = typeof answer === "number" && answer < 500 && !AGAIN.has(answer);
    if (final || pause === undefined || signal?.aborted === true) return { ok: false, reason: `${said(url, answer)} (${tries} ${tries === 1 ? "try" : "tries"})` };
    await sleep(pause * (0.5 + Math.random()), undefined, { ref: false, ...(signal === undefined ? {} : { signal }) }).catch(() => undefined);
  }
}

/** The status, or why there is none. A redirect is not followed: news go where they were configured to go and nowhere else. */
async function postOnce(url: string, text: string, timeoutMs: number, signal: AbortSignal | undefined): Promise<number | string> {
  const late = AbortSignal.timeout(timeoutMs);
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ text }),
      redirect: "manual",
      signal: signal === undefined ? late : AbortSignal.any([late, signal]),
    });
    response.body?.cancel().catch(() => undefined);
    return response.status;
  } catch (error) {
    if (signal?.aborted === true) return "ended before it answered";
    return late.aborted ? `no answer within ${timeoutMs} ms` : ((error as Error & { cause?: NodeJS.ErrnoException }).cause?.code ?? "connection failed");
  }
}

function said(url: string, answer: number | string): string {
  if (typeof answer === "string") return `${hostOf(url)}: ${answer}`;
  return answer >= 300 && answer <= 399 ? `${hostOf(url)} answered ${answer}, a redirect, which is not followed` : `${hostOf(url)} answered ${answer}`;
}

function hostOf(url: string): string {
  return URL.parse(url)?.host ?? "the webhook";
}
