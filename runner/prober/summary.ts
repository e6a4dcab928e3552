import type { ProbeError } from "./outcome.js";

/** Responses of one slot or one release. */
export interface GroupCount {
  /** Requests whose response began. */
  requests: number;
  /** Those of them that failed. */
  failed: number;
}

/** Response times in ms, counted from the scheduled time; each is at most 0.1 % above the exact value. */
export interface Latency {
  readonly p50: number;
  readonly p90: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

/** How often something took longer than 10 ms, and the longest it took. */
export interface CountAndWorst {
  readonly count: number;
  readonly worstMs: number;
}

/** What a prober saw, at the end or so far. Times are in ms; moments are milliseconds since 1970. */
export interface ProbeSummary {
  readonly run: string;
  /** When the first request was due. */
  readonly startedAt: number;
  /** From `startedAt` to the end of sending; while it goes on, until now. */
  readonly durationMs: number;
  /** Requests started: `answered` + failed without a complete response + `stopped` + `inFlight`. */
  readonly sent: number;
  /** 0 at the end. */
  readonly inFlight: number;
  /** Complete responses, whatever their status. */
  readonly answered: number;
  /** Not a complete response with 2xx or 3xx. */
  readonly failed: number;
  /** Given up by the prober itself when it was told to end; neither answered nor failed. */
  readonly stopped: number;
  readonly byStatus: Readonly<Record<string, number>>;
  readonly errors: Readonly<Partial<Record<ProbeError, number>>>;
  /** By the response's `x-mission-slot`; `unknown` without it. */
  readonly bySlot: Readonly<Record<string, GroupCount>>;
  /** By the response's `x-mission-release`; `unknown` without it. */
  readonly byRelease: Readonly<Record<string, GroupCount>>;
  /** Over all complete responses (for streams: until the response begins); null without any. */
  readonly latencyMs: Latency | null;
  /**
   * The longest time without a success (for streams: without data from any stream), also before the first and after the last
   * one. It is never shorter than the time between two requests.
   */
  readonly longestGapMs: number;
  /** When that time began. */
  readonly longestGapFrom: number;
  /** Requests per second. */
  readonly achievedRate: number;
  /** Requests that the prober started late: a slow client, not a slow server. */
  readonly lateStarts: CountAndWorst;
  /** Requests that had to wait because every connection of the pool was busy. */
  readonly connectionWaits: CountAndWorst;
}
