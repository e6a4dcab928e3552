import type { Slot } from "../../model/slot.js";
import type { StateStore } from "./state-store.js";
import { inUse, serviceOf, withService, withSlot, type SlotRecord } from "./state.js";

/** A slot and the very instances that an outcome is about: a slot that got others in the meantime is left alone. */
export interface Subject {
  readonly service: string;
  readonly slot: Slot;
  readonly ids: readonly string[];
}

/** Records that every instance of a slot was ready once. */
export async function recordReady(store: StateStore, subject: Subject): Promise<void> {
  await record(store, subject, (held) => (held.everReady ? undefined : { ...held, everReady: true }));
}

/** Records that a slot is given up. False when it was not: it has weight, is live or got something else. */
export function recordFailure(store: StateStore, subject: Subject, reason: string): Promise<boolean> {
  return record(store, subject, (held, used) => (used ? undefined : { ...held, failure: reason }));
}

function record(store: StateStore, { service, slot, ids }: Subject, change: (held: SlotRecord, used: boolean) => SlotRecord | undefined): Promise<boolean> {
  return store.exclusive(async (save) => {
    const of = serviceOf(store.current, service);
    const held = of.slots[slot];
    if (held === null || held.failure !== null || held.ids.join() !== ids.join()) return false;
    const changed = change(held, inUse(of, slot));
    if (changed === undefined) return false;
    await save(withService(store.current, service, withSlot(of, slot, changed)));
    return true;
  });
}
