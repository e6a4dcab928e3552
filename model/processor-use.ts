/** How much processor time the instances of a slot have used since they began. */
export interface ProcessorUse {
  /** When it was read, milliseconds on a clock that never goes back. */
  readonly at: number;
  /** Each instance that runs; `id` is another one for a process that took its place. */
  readonly instances: readonly { readonly id: string; readonly seconds: number }[];
}

/** Seconds of one processor per second between two readings, or why that cannot be said. */
export type ProcessorShare = { readonly ok: true; readonly busiest: number; readonly mean: number } | { readonly ok: false; readonly reason: string };

/**
 * Which share of one processor the instances used between two readings: 1 is one whole processor, more is possible. Only instances that are in both
 * readings count; a process whose time went down has lost some of its children, so of that one nothing is known.
 */
export function processorShare(before: ProcessorUse, after: ProcessorUse): ProcessorShare {
  const seconds = (after.at - before.at) / 1000;
  if (!(seconds > 0) || !Number.isFinite(seconds)) return { ok: false, reason: "The readings of the processor are stale: the last one is not younger than the first." };
  const known = new Map(before.instances.map((instance) => [instance.id, instance.seconds]));
  const shares = after.instances.flatMap((instance) => {
    const used = instance.seconds - (known.get(instance.id) ?? Number.NaN);
    return Number.isFinite(used) && used >= 0 ? [used / seconds] : [];
  });
  if (shares.length === 0) return { ok: false, reason: "No instance has two readings of its processor time." };
  return { ok: true, busiest: Math.max(...shares), mean: shares.reduce((sum, share) => sum + share, 0) / shares.length };
}
