import type { Limits } from "../../model/limits.js";
import type { WindowResult } from "../../model/slot-window.js";
import { upperTail } from "../judge/binomial-tail.js";

/** Chance below which failures are not put down to chance, at one look. */
const BEYOND_CHANCE = 0.001;

/**
 * Whether a FAIL needs no second look: not one request succeeded, or so many failed that a candidate at the very ceiling would have that with a
 * chance below one in a thousand (the binomial distribution's upper tail).
 */
export function isClear({ errorRate }: Limits, candidate: WindowResult): boolean {
  if (!candidate.ok) return false;
  const { requests, errors } = candidate.window;
  if (!Number.isInteger(requests) || !Number.isInteger(errors) || requests === 0) return false;
  return errors === requests || upperTail(errors, requests, errorRate) < BEYOND_CHANCE;
}
