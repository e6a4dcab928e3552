/** Milliseconds after the start at which request `n` (from 0) is due, at `rate` requests per second. */
export function dueMs(n: number, rate: number): number {
  return (n * 1000) / rate;
}

/** How many requests are due in `durationMs`, the first one at 0. */
export function requestsIn(durationMs: number, rate: number): number {
  return Math.ceil((durationMs * rate) / 1000);
}

/**
 * Chooses in turn so that shares are exact in every round of `sum(weights)` choices and spread evenly within it
 * (smooth weighted round-robin, as in nginx).
 * @param items at least one
 */
export function createPicker<T extends { readonly weight: number }>(items: readonly T[]): () => T {
  const sum = items.reduce((total, { weight }) => total + weight, 0);
  const candidates = items.map((item) => ({ item, credit: 0 }));
  return () => {
    for (const candidate of candidates) candidate.credit += candidate.item.weight;
    const best = candidates.reduce((a, b) => (b.credit > a.credit ? b : a));
    best.credit -= sum;
    return best.item;
  };
}
