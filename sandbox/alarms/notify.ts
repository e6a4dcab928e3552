import { appendFile, mkdir } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { AlarmRequest } from "../protocol.js";
import { jsonLine, sentence, type AlarmChange } from "./notification.js";

type Target = AlarmRequest["targets"][number];

/** Milliseconds between the tries of a webhook: three tries in all. */
const PAUSES = [1_000, 4_000];
const TIMEOUT = 5_000;

/** How a notification ended; the text names no path of a webhook, which may be a secret. */
export type Outcome = { readonly ok: true } | { readonly ok: false; readonly reason: string };

/** Tells one target of a change. Never throws. `directory` is what relative paths are below. */
export async function notify(target: Target, change: AlarmChange, directory: string, pauses: readonly number[] = PAUSES): Promise<Outcome> {
  try {
    if (target.type === "file") return await append(resolve(directory, target.path), jsonLine(change));
    return await post(target.url, sentence(change), pauses);
  } catch (error) {
    return { ok: false, reason: (error as NodeJS.ErrnoException).code ?? "failed" };
  }
}

async function append(path: string, line: string): Promise<Outcome> {
  await mkdir(dirname(path), { recursive: true });
  await appendFile(path, line, { mode: 0o600 });
  return { ok: true };
}

async function post(url: string, text: string, pauses: readonly number[]): Promise<Outcome> {
  let reason = "";
  for (const pause of [...pauses, undefined]) {
    const status = await postOnce(url, text);
    if (typeof status === "number" && status >= 200 && status <= 299) return { ok: true };
    reason = typeof status === "number" ? `${host(url)} answered ${status}` : `${host(url)}: ${status}`;
    if (pause !== undefined) await sleep(pause, undefined, { ref: false });
  }
  return { ok: false, reason: `${reason} (${pauses.length + 1} tries)` };
}

/** The status, or why there is none. A redirect is not followed: an alarm goes where it was configured to go and nowhere else. */
async function postOnce(url: string, text: string): Promise<number | string> {
  try {
    const options = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ text }), redirect: "manual" as const };
    const response = await fetch(url, { ...options, signal: AbortSignal.timeout(TIMEOUT) });
    await response.body?.cancel();
    return response.status;
  } catch (error) {
    const { name, cause } = error as Error & { cause?: NodeJS.ErrnoException };
    return name === "TimeoutError" ? `no answer within ${TIMEOUT} ms` : (cause?.code ?? "connection failed");
  }
}

function host(url: string): string {
  try {
    return new URL(url).host;
  } catch {
    return "the webhook";
  }
}
