import { windowBetween, type SlotCounters } from "../../model/slot-window.js";

/** Why a reading by itself is none, as a sentence; undefined when all its values are counts. */
export function mistakeInCounters(counters: SlotCounters): string | undefined {
  const alone = windowBetween({ ...counters, at: counters.at - 1 }, counters);
  return alone.ok ? undefined : alone.reason.replace("first reading", "last reading");
}

/**
 * Whether the platform began to count anew between two readings; both hold counts. A reading that is only not younger is stale instead.
 */
export function beganAnew(before: SlotCounters, after: SlotCounters): boolean {
  return !windowBetween(before, after).ok && (after.epoch !== before.epoch || after.at > before.at);
}
