/** What is known of an instance's ends when it has ended once more. */
export interface RestartHistory {
  /** Whether the slot was ready once since it got its spec. */
  readonly everReady: boolean;
  /** Restarts since the slot got its spec. */
  readonly restarts: number;
  /** When it ended, this time included: milliseconds on any clock, ascending. */
  readonly ends: readonly number[];
  /** Ends without a minute of health in between, this time not included. */
  readonly streak: number;
}

/** Start it again after a while; `limit` says in words which limit is exceeded. */
export interface RestartDecision {
  readonly delayMs: number;
  readonly limit: string | null;
}

/** Milliseconds of health after which the back-off begins anew. */
export const HEALTHY_AFTER = 60_000;
/** The longest back-off in milliseconds. */
export const MAX_BACKOFF = 30_000;

const FIRST_BACKOFF = 500;
const EARLY_RESTARTS = 5;
const LATER_ENDS = 10;
const LATER_WINDOW = 600_000;

/**
 * When an instance that ended is started again: after 0.5 s, 1 s, 2 s ... 30 s. The limit counts cumulatively, so that an instance that
 * flaps slowly enough for the back-off trips it too: 5 restarts before the slot was ever ready, later 10 ends within 10 minutes.
 * `unitMs` is the first back-off.
 */
export function restartDecision(history: RestartHistory, now: number, unitMs: number = FIRST_BACKOFF): RestartDecision {
  const delayMs = Math.min(unitMs * 2 ** Math.min(history.streak, 20), MAX_BACKOFF);
  return { delayMs, limit: exceeded(history, now) };
}

function exceeded({ everReady, restarts, ends }: RestartHistory, now: number): string | null {
  if (!everReady) return restarts >= EARLY_RESTARTS ? `it ended ${restarts + 1} times before it was ever ready` : null;
  const recent = ends.filter((end) => now - end <= LATER_WINDOW).length;
  return recent >= LATER_ENDS ? `it ended ${recent} times in 10 minutes` : null;
}
