import type { Slot } from "../../model/slot.js";
import { specDigest, type SlotSpec } from "../../model/slot-spec.js";
import type { State } from "./state.js";

/** Name of the vault's entry for the secrets of a SlotSpec in a slot. */
export function secretEntry(service: string, slot: Slot, spec: SlotSpec): string {
  return `${service}/${slot}/${specDigest(spec)}`;
}

/** Name of the vault's entry for the database's passwords. */
export const DATABASE_ENTRY = "database";

/** Names of the entries that a state needs. */
export function neededEntries(state: State): Set<string> {
  const slots = Object.entries(state.services).flatMap(([service, { slots: held }]) =>
    (["blue", "green"] as const).flatMap((slot) => (held[slot] === null ? [] : [secretEntry(service, slot, held[slot].spec)])),
  );
  return new Set([...slots, DATABASE_ENTRY]);
}
