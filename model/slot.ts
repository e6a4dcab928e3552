/** The two places a service can run in. One is live, the other idle or holds the candidate. */
export const SLOTS = ["blue", "green"] as const;

/** `blue` or `green`. */
export type Slot = (typeof SLOTS)[number];

/** One value per slot. */
export type PerSlot<T> = Readonly<Record<Slot, T>>;

/** The slot that `slot` is not. */
export function otherSlot(slot: Slot): Slot {
  return slot === "blue" ? "green" : "blue";
}

/** Builds one value per slot from a function of the slot. */
export function perSlot<T>(make: (slot: Slot) => T): PerSlot<T> {
  return { blue: make("blue"), green: make("green") };
}
