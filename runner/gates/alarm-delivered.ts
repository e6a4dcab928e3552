import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import type { Delivery } from "../../delivery/deliver.js";
import type { GateResult, Verdict } from "../../model/verdict.js";
import { PlatformRefusal, type PlatformAdapter } from "../platforms/adapter.js";

/** What is read back of a file: its end, bytes. */
const TAIL = 1024 * 1024;
/** Longest time that the platform may take to answer, milliseconds. Its own tries (three of 5 s, and pauses) end before. */
const LIMIT = 35_000;

/** What became of one target. */
interface Proof {
  readonly verdict: Verdict;
  readonly sentence: string;
}

/**
 * Gate `alarm-delivered`: a test goes the way that an alarm would go, and arrives. What is proof: for a file, that this process reads in it what the platform's
 * process wrote; for a webhook, that the receiver answered 2xx; for a topic, that it took the message and its subscription is confirmed. Every target of the alarm must be reached.
 * `FAIL`: no alarm, nobody to tell, or somebody who cannot be told; `ERROR`: the platform cannot test, or the file cannot be read here.
 * @param id what the test is known by again, 1 to 100 letters, digits, dots, dashes and underscores; unique
 */
export async function alarmDelivered(adapter: Pick<PlatformAdapter, "testAlarm">, service: string, id: string, limitMs: number = LIMIT): Promise<GateResult> {
  const started = performance.now();
  const tested = await inTime(adapter.testAlarm(service, id), limitMs);
  if (!tested.ok) return result(tested.verdict, [tested.sentence], { targets: null, delivered: null, milliseconds: null });
  if (tested.deliveries.length === 0) {
    return result("FAIL", [`The alarms of service "${service}" tell nobody; name a file or a webhook in mission:notifications.`], { targets: 0, delivered: 0, milliseconds: null });
  }
  const proofs = await Promise.all(tested.deliveries.map((delivery) => prove(delivery, service, id)));
  const bad = proofs.filter(({ verdict }) => verdict !== "PASS");
  const measured = { targets: proofs.length, delivered: proofs.length - bad.length, milliseconds: Math.round(performance.now() - started) };
  if (bad.length === 0) return result("PASS", [`A test alarm of service "${service}" reached ${proofs.length === 1 ? "its target" : `all ${proofs.length} targets`} within ${measured.milliseconds} ms.`, ...proofs.map(({ sentence }) => sentence)], measured);
  return result(bad.some(({ verdict }) => verdict === "FAIL") ? "FAIL" : "ERROR", bad.map(({ sentence }) => sentence), measured);
}

type Tested = { readonly ok: true; readonly deliveries: readonly Delivery[] } | { readonly ok: false; readonly verdict: Verdict; readonly sentence: string };

async function inTime(asked: Promise<readonly Delivery[]>, limitMs: number): Promise<Tested> {
  const done = new AbortController();
  const late = sleep(limitMs, undefined, { signal: done.signal }).then(
    (): Tested => ({ ok: false, verdict: "ERROR", sentence: `The platform did not say within ${limitMs} ms what became of a test alarm; look at the platform, then try again.` }),
    (): Tested => ({ ok: true, deliveries: [] }),
  );
  const answered = asked.then(
    (deliveries): Tested => ({ ok: true, deliveries }),
    (error: unknown): Tested => {
      const why = error instanceof Error ? error.message : String(error);
      if (error instanceof PlatformRefusal && error.code === "no-alarm") return { ok: false, verdict: "FAIL", sentence: `${why} Deploy the stack again: every service gets its alarms by "up".` };
      return { ok: false, verdict: "ERROR", sentence: `The platform cannot test an alarm: ${why}` };
    },
  );
  return Promise.race([answered, late]).finally(() => done.abort());
}

const WHO: Readonly<Record<Delivery["type"], string>> = { file: "File", webhook: "Webhook at", topic: "Subscriber" };

async function prove({ type, where, ok, reason }: Delivery, service: string, id: string): Promise<Proof> {
  const who = `${WHO[type]} "${where}"`;
  if (!ok) return { verdict: "FAIL", sentence: `${who} was not reached by a test alarm of service "${service}": ${reason ?? "no reason is known"}; mend it or change who is told in the stack's file.` };
  if (type === "topic") return { verdict: "PASS", sentence: `${who} was given the message by its topic, which says no more than that it took it.` };
  if (type === "webhook") return { verdict: "PASS", sentence: `${who} answered 2xx.` };
  try {
    if (await holds(where, id)) return { verdict: "PASS", sentence: `${who} holds the line that the platform wrote.` };
    return { verdict: "FAIL", sentence: `${who} does not hold the test alarm that the platform says it wrote; see who else writes that file.` };
  } catch (error) {
    return { verdict: "ERROR", sentence: `${who} cannot be read here (${(error as NodeJS.ErrnoException).code ?? String(error)}), so whether the test alarm arrived is not known.` };
  }
}

/** Whether one of the last lines of a file is the test. */
async function holds(path: string, id: string): Promise<boolean> {
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const { size } = await file.stat();
    const bytes = Buffer.alloc(Math.min(size, TAIL));
    const { bytesRead } = await file.read(bytes, 0, bytes.length, size - bytes.length);
    return bytes.toString("utf8", 0, bytesRead).split("\n").some((line) => line.includes(id) && testOf(line) === id);
  } finally {
    await file.close();
  }
}

function testOf(line: string): unknown {
  try {
    return (JSON.parse(line) as { readonly test?: unknown } | null)?.test;
  } catch {
    return undefined;
  }
}

function result(verdict: Verdict, sentences: readonly string[], measured: GateResult["measured"]): GateResult {
  return { gate: "alarm-delivered", verdict, summary: sentences[0] ?? "", details: sentences.slice(1), measured };
}
