import { SLOTS } from "../../model/slot.js";
import { shortDigest } from "../../model/digest.js";
import type { Rule } from "../rule.js";

/** What users are served by is never changed in place. */
export const usedSlotUnchanged: Rule = {
  name: "used-slot-unchanged",
  description: "A slot that has weight or is recorded live keeps its SlotSpec and its instances.",
  severity: "critical",
  remediation: "Stage the change into the free slot and raise it from there.",
  check({ gated: { service, previous, wanted } }) {
    if (previous === null) return [];
    return SLOTS.flatMap((slot) => {
      const weight = previous.split[slot];
      if (previous.live !== slot && weight === 0) return [];
      const used = previous.live === slot ? `is recorded live and has ${weight} %` : `has ${weight} %`;
      const [before, after] = [previous.slots[slot], wanted.slots[slot]];
      if (before === null) return [`Service "${service}": slot "${slot}" ${used} of the traffic, but nothing is recorded in it.`];
      if (after === null) return [`Service "${service}": slot "${slot}" ${used} of the traffic and would lose its SlotSpec.`];
      return [
        ...(before.spec === after.spec ? [] : [`Service "${service}": slot "${slot}" ${used} of the traffic, and its SlotSpec would change from ${shortDigest(before.spec)} to ${shortDigest(after.spec)}.`]),
        ...(before.instances === after.instances ? [] : [`Service "${service}": slot "${slot}" ${used} of the traffic, and its instances would change from ${before.instances} to ${after.instances}.`]),
      ];
    });
  },
};
