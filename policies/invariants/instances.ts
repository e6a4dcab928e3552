import { SLOTS } from "../../model/slot.js";
import type { Rule } from "../rule.js";

const LEAST = 2;

/** Who gets traffic has the capacity for it. */
export const instances: Rule = {
  name: "instances",
  description: "A slot that is live or has weight runs all the instances of its SlotSpec; in production at least two.",
  severity: "high",
  remediation: "Set `mission:instances` in the stack's file, and stage the change into the free slot.",
  thresholds: { productionAtLeast: { description: "Instances that a slot with traffic has at least in production.", default: LEAST, minimum: LEAST, maximum: 1000 } },
  check({ gated: { service, specs, wanted }, environment }, { productionAtLeast = LEAST } = {}) {
    return SLOTS.flatMap((slot) => {
      const [state, spec] = [wanted.slots[slot], specs[slot]];
      const weight = wanted.split[slot];
      const serves = wanted.live === slot || weight > 0;
      const where = `Service "${service}", slot "${slot}"`;
      if (state === null) return serves ? [`${where}: it is to have ${weight} % of the traffic, but holds nothing.`] : [];
      const size = spec?.size ?? 0;
      const retired = !serves && state.instances === 0;
      return [
        ...(state.instances === size || retired ? [] : [`${where}: ${state.instances} instances are wanted, its SlotSpec says ${size}.`]),
        ...(serves && environment === "production" && state.instances < productionAtLeast
          ? [`${where}: ${state.instances} ${state.instances === 1 ? "instance serves" : "instances serve"} production; allowed are at least ${productionAtLeast}.`]
          : []),
      ];
    });
  },
};
