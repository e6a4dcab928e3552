import type { Observed } from "../../model/rollout.js";
import { otherSlot, type Slot } from "../../model/slot.js";
import { specDigest } from "../../model/slot-spec.js";
import type { Finished } from "../store/finished.js";

/** A slot that was live before the last `finish` and is kept for a rollback within seconds. */
export interface WarmSlot {
  readonly service: string;
  readonly slot: Slot;
  readonly version: string;
  /** When its rollout was finished. */
  readonly finishedAt: Date;
  /** From then on it is to give up its capacity. */
  readonly due: Date;
}

/**
 * The slots that are kept warm: no traffic, capacity, and what was live before. A candidate that was staged into that slot meanwhile is none, and nor is
 * a slot whose finish nobody has recorded.
 * @param keepWarmMs the environment's `keepWarm`, in milliseconds
 */
export function warmSlots(observed: Observed, finished: Finished, keepWarmMs: number): WarmSlot[] {
  return Object.entries(observed).flatMap(([service, { live, split, returnTo, slots }]) => {
    const at = finished[service]?.at;
    if (live === null || split === null || returnTo === null || at === undefined) return [];
    const slot = otherSlot(live);
    const held = slots[slot];
    if (held === null || held.instances === 0 || split.of(slot) > 0 || specDigest(held.spec) !== returnTo) return [];
    const finishedAt = new Date(at);
    return [{ service, slot, version: held.spec.version, finishedAt, due: new Date(finishedAt.getTime() + keepWarmMs) }];
  });
}
