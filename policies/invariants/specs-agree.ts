import { digestOfValue, shortDigest } from "../../model/digest.js";
import { SLOTS } from "../../model/slot.js";
import type { GatedInputs } from "../gated-inputs.js";
import type { Rule } from "../rule.js";

/** Other rules judge the SlotSpecs as they are shown, so those must be the ones that are meant. */
export const specsAgree: Rule = {
  name: "specs-agree",
  description: "The SlotSpecs shown are those that the wanted state names by digest, of this application and service.",
  severity: "critical",
  remediation: "Declare services by the BlueGreenService component, which shows what it deploys.",
  check: ({ gated }) => SLOTS.flatMap((slot) => mistakes(gated, slot).map((mistake) => `Service "${gated.service}", slot "${slot}": ${mistake}`)),
};

function mistakes({ application, service, specs, wanted }: GatedInputs, slot: "blue" | "green"): string[] {
  const [shown, named] = [specs[slot], wanted.slots[slot]];
  if (shown === null && named === null) return [];
  if (shown === null) return [`SlotSpec ${shortDigest(named?.spec ?? "")} is wanted, but none is shown.`];
  if (named === null) return [`SlotSpec ${shortDigest(shown.specDigest)} is shown, but none is wanted.`];
  const { specDigest, ...spec } = shown;
  const real = digestOfValue(spec);
  return [
    ...(real === specDigest ? [] : [`the SlotSpec shown has the digest ${shortDigest(real)}, not ${shortDigest(specDigest)} as it says.`]),
    ...(specDigest === named.spec ? [] : [`SlotSpec ${shortDigest(named.spec)} is wanted, but ${shortDigest(specDigest)} is shown.`]),
    ...(shown.application === application ? [] : [`the SlotSpec is one of application "${shown.application}", not of "${application}".`]),
    ...(shown.service === service ? [] : [`the SlotSpec is one of service "${shown.service}", not of "${service}".`]),
  ];
}
