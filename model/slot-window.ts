/** What a platform has counted of one slot since it began to count. */
export interface SlotCounters {
  /** When it was read, milliseconds on the platform's or the reader's clock; the same clock for both ends of a window. */
  readonly at: number;
  /** Who counted: another value after a restart, when counting began anew. */
  readonly epoch: string;
  /** Requests that ended. */
  readonly requests: number;
  /** Those answered with 5xx or not at all. */
  readonly errors: number;
  /** Upper bounds of the duration histogram in seconds (+Infinity last), each with how many requests were at most as slow. */
  readonly buckets: ReadonlyMap<number, number>;
}

/** What was counted between two readings. */
export interface SlotWindow {
  readonly milliseconds: number;
  readonly requests: number;
  readonly errors: number;
  readonly buckets: ReadonlyMap<number, number>;
}

/** A window, or why two readings make none, as a sentence. */
export type WindowResult = { readonly ok: true; readonly window: SlotWindow } | { readonly ok: false; readonly reason: string };

/**
 * The window between two readings of the same counters. Counters that went down have begun anew (the platform's counter was restarted): what
 * was counted before that is lost, so there is no window. Neither is there one of readings that are no counts.
 */
export function windowBetween(before: SlotCounters, after: SlotCounters): WindowResult {
  for (const [name, { at, requests, errors, buckets }] of [["first", before], ["last", after]] as const) {
    const counts = [requests, errors, ...buckets.values()];
    if (!Number.isFinite(at) || counts.some((count) => !Number.isFinite(count) || count < 0)) return { ok: false, reason: `The ${name} reading of the metrics holds a value that is no count.` };
    if (errors > requests) return { ok: false, reason: `The ${name} reading of the metrics counts ${errors} errors of ${requests} requests.` };
  }
  if (after.at <= before.at) return { ok: false, reason: "The metrics are stale: the last reading is not younger than the first." };
  const bounds = [...after.buckets.keys()];
  const went = (later: number, earlier: number) => later < earlier;
  if (after.epoch !== before.epoch || went(after.requests, before.requests) || went(after.errors, before.errors) || bounds.some((bound) => went(after.buckets.get(bound) ?? 0, before.buckets.get(bound) ?? 0)) || [...before.buckets.keys()].some((bound) => !after.buckets.has(bound))) {
    return { ok: false, reason: "The metrics began anew in between: what was counted before is lost." };
  }
  return {
    ok: true,
    window: {
      milliseconds: after.at - before.at,
      requests: after.requests - before.requests,
      errors: after.errors - before.errors,
      buckets: new Map(bounds.map((bound) => [bound, (after.buckets.get(bound) ?? 0) - (before.buckets.get(bound) ?? 0)])),
    },
  };
}
