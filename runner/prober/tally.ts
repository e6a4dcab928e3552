import { type RecordableHistogram, createHistogram } from "node:perf_hooks";
import { toMicroseconds } from "./clock.js";
import type { Outcome, ProbeError } from "./outcome.js";
import type { CountAndWorst, GroupCount, Latency, ProbeSummary } from "./summary.js";

/** Below this a delay is the normal grain of timers, in ms. */
export const NOTICEABLE_MS = 10;
const HOUR_US = 3_600_000_000;

/** Counts outcomes in bounded memory and sums them up at any moment. */
export class Tally {
  #sent = 0;
  #settled = 0;
  #answered = 0;
  #failed = 0;
  #stopped = 0;
  readonly #byStatus: Record<string, number> = {};
  readonly #errors: Partial<Record<ProbeError, number>> = {};
  readonly #bySlot: Record<string, GroupCount> = {};
  readonly #byRelease: Record<string, GroupCount> = {};
  readonly #latency: RecordableHistogram = createHistogram({ lowest: 1, highest: HOUR_US, figures: 3 });
  #maxLatencyMs = 0;
  #lastSuccess: number;
  #longestGapMs = 0;
  #longestGapFrom: number;
  #sendingEnded: number | null = null;
  readonly #lateStarts = { count: 0, worstMs: 0 };
  readonly #connectionWaits = { count: 0, worstMs: 0 };

  /**
   * @param run first part of the ids
   * @param startedAt when the first request is due; all times are milliseconds since 1970
   */
  constructor(
    private readonly run: string,
    private readonly startedAt: number,
  ) {
    this.#lastSuccess = startedAt;
    this.#longestGapFrom = startedAt;
  }

  /** A request was started, `lateMs` after it was due. */
  started(lateMs: number): void {
    this.#sent += 1;
    note(this.#lateStarts, lateMs);
  }

  /** A request waited `waitMs` because every connection of the pool was busy. */
  waitedForConnection(waitMs: number): void {
    note(this.#connectionWaits, waitMs);
  }

  /** Nothing is sent any more, so that later silence says nothing about the service. */
  sendingEnded(at: number): void {
    this.#sendingEnded ??= at;
  }

  /** A sign that the service works: a request succeeded, or a stream brought data. Times must not go back. */
  success(time: number): void {
    const at = Math.min(time, this.#sendingEnded ?? time);
    const gap = at - this.#lastSuccess;
    if (gap > this.#longestGapMs) {
      this.#longestGapMs = gap;
      this.#longestGapFrom = this.#lastSuccess;
    }
    this.#lastSuccess = Math.max(at, this.#lastSuccess);
  }

  /**
   * A request is over.
   * @param latencyMs from the scheduled time; counted when the response is complete, whatever its status
   */
  settled(outcome: Outcome, latencyMs: number): void {
    const { status, error } = outcome;
    this.#settled += 1;
    const answered = error === null || error === "status";
    if (answered) {
      this.#answered += 1;
      this.#latency.record(Math.min(HOUR_US, Math.max(1, Math.round(latencyMs * 1000))));
      this.#maxLatencyMs = Math.max(this.#maxLatencyMs, latencyMs);
    }
    if (status !== null) this.#byStatus[status] = (this.#byStatus[status] ?? 0) + 1;
    if (error === "stopped") this.#stopped += 1;
    else if (error !== null) this.#failed += 1;
    if (error !== null) this.#errors[error] = (this.#errors[error] ?? 0) + 1;
    else this.success(outcome.ended);
    if (status !== null) {
      const failed = error !== null && error !== "stopped";
      count(this.#bySlot, outcome.slot, failed);
      count(this.#byRelease, outcome.release, failed);
    }
  }

  /**
   * The sums so far.
   * @param now counts only while requests are being sent
   */
  summary(now: number): ProbeSummary {
    const end = this.#sendingEnded ?? now;
    const openGap = end - this.#lastSuccess;
    const gapIsOpen = openGap > this.#longestGapMs;
    const durationMs = Math.max(0, end - this.startedAt);
    return {
      run: this.run,
      startedAt: toMicroseconds(this.startedAt),
      durationMs: toMicroseconds(durationMs),
      sent: this.#sent,
      inFlight: this.#sent - this.#settled,
      answered: this.#answered,
      failed: this.#failed,
      stopped: this.#stopped,
      byStatus: { ...this.#byStatus },
      errors: { ...this.#errors },
      bySlot: structuredClone(this.#bySlot),
      byRelease: structuredClone(this.#byRelease),
      latencyMs: this.#latencyMs(),
      longestGapMs: toMicroseconds(gapIsOpen ? openGap : this.#longestGapMs),
      longestGapFrom: toMicroseconds(gapIsOpen ? this.#lastSuccess : this.#longestGapFrom),
      achievedRate: durationMs > 0 ? toMicroseconds((this.#sent * 1000) / durationMs) : 0,
      lateStarts: rounded(this.#lateStarts),
      connectionWaits: rounded(this.#connectionWaits),
    };
  }

  #latencyMs(): Latency | null {
    if (this.#answered === 0) return null;
    const max = toMicroseconds(this.#maxLatencyMs);
    const at = (percentile: number) => Math.min(max, this.#latency.percentile(percentile) / 1000);
    return { p50: at(50), p90: at(90), p95: at(95), p99: at(99), max };
  }
}

function note(target: { count: number; worstMs: number }, ms: number): void {
  if (ms > NOTICEABLE_MS) target.count += 1;
  if (ms > target.worstMs) target.worstMs = ms;
}

function count(groups: Record<string, GroupCount>, name: string | null, failed: boolean): void {
  const group = (groups[name ?? "unknown"] ??= { requests: 0, failed: 0 });
  group.requests += 1;
  if (failed) group.failed += 1;
}

function rounded({ count: n, worstMs }: CountAndWorst): CountAndWorst {
  return { count: n, worstMs: toMicroseconds(worstMs) };
}
