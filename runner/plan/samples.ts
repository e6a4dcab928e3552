import type { Limits } from "../../model/limits.js";

/** One-sided confidence of every bound here: 95 %. */
const ALPHA = 0.05;

/**
 * Requests without one failure from which it follows, with 95 % confidence, that less than a share of all fail: the smallest n with 1 - 0.05^(1/n) <= share
 * (Clopper and Pearson's exact upper bound for no failures, whose approximation 3/n is the rule of three). 598 for half a percentage point.
 * @param share above 0, at most 1
 * @returns null for 0: no number of requests shows that nothing ever fails
 */
export function samplesToShow(share: number): number | null {
  if (share <= 0) return null;
  if (share >= 1) return 1;
  return Math.ceil(Math.log(ALPHA) / Math.log1p(-share));
}

/** The largest share of failures that n requests without one still allow, with 95 % confidence: 1 - 0.05^(1/n); 1 for none. */
export function boundAfter(requests: number): number {
  return requests < 1 ? 1 : -Math.expm1(Math.log(ALPHA) / requests);
}

/** How many requests an arm needs. */
export interface SamplesNeeded {
  /** Before anything but a clear failure is said (`limits.minimumSamples`). */
  readonly minimum: number;
  /** To show the margin of failures when none is seen; null where no number does. */
  readonly forMargin: number | null;
  /** The share that margin is, 0 to 1. */
  readonly margin: number;
}

/** Against a baseline the margin is the allowed increase; without one it is the ceiling. */
export function samplesNeeded(limits: Limits, hasBaseline: boolean): SamplesNeeded {
  const margin = hasBaseline ? Math.min(limits.errorRateIncrease, limits.errorRate) : limits.errorRate;
  return { minimum: limits.minimumSamples, forMargin: samplesToShow(margin), margin };
}

/** Milliseconds until an arm has so many requests; null when it gets none. @param rate requests a second */
export function timeFor(requests: number, rate: number): number | null {
  return rate > 0 ? Math.ceil((requests / rate) * 1_000) : null;
}
