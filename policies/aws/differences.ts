import type { Slot } from "../../model/slot.js";
import type { GatedInputs } from "../gated-inputs.js";
import { wouldHold, type Difference } from "../invariants/leaf-differences.js";
import { UNKNOWN } from "./known.js";

export type { Difference };

/** One difference, in an input of the resource. */
export function differently(field: string, sentence: string): Difference[] {
  return [{ field, sentence }];
}

/** None where a value is the wanted one, or is not known yet. `name` is what the sentence calls it. */
export function same(field: string, is: unknown, wanted: unknown, name = field): Difference[] {
  return is === UNKNOWN || is === wanted ? [] : differently(field, `its "${name}" is ${JSON.stringify(is)}, ${JSON.stringify(wanted)} is wanted.`);
}

/** None where a SlotSpec's digest is that of the one wanted in the slot. */
export function holdsInstead(field: string, digest: string | null, slot: Slot, { wanted }: GatedInputs): Difference[] {
  const named = wanted.slots[slot]?.spec ?? null;
  return digest === named ? [] : differently(field, wouldHold(digest, named, slot));
}
