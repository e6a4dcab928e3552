import { Split, splitMistakes } from "../../model/split.js";
import { transitionOf } from "../../model/transition.js";
import type { GatedInputs } from "../gated-inputs.js";
import type { Rule } from "../rule.js";

/** What a `pulumi up` by hand may do, where nobody decided anything about traffic. */
const KEEPING = ["none", "bootstrap", "stage-dark"];

/** What is demanded depends on the transition, so that a program could choose the harmless one. */
export const transitionAgrees: Rule = {
  name: "transition-agrees",
  description: "The transition named is the one that leads from the previous state to the wanted one, and it is one that is allowed.",
  severity: "critical",
  remediation: "Move traffic by `mission deploy` or `mission rollout`, one step at a time.",
  check({ gated }) {
    const { service, mode, transition, previous, wanted } = gated;
    if (splitMistakes(wanted.split).length > 0 || (previous !== null && splitMistakes(previous.split).length > 0)) return [`Service "${service}": no transition leads to or from weights that are no split.`];
    const real = transitionOf(previous === null ? undefined : withSplit(previous), withSplit(wanted));
    if (!real.ok) return real.refusals.map((refusal) => `Service "${service}": ${refusal}`);
    return [
      ...(real.transition === transition ? [] : [`Service "${service}": the transition named is "${transition}", but from the previous state to the wanted one leads "${real.transition}".`]),
      ...(mode === "rollout" || KEEPING.includes(real.transition) ? [] : [`Service "${service}": it is to keep its traffic as it is (mode "keep"), but from the previous state to the wanted one leads "${real.transition}".`]),
      ...(previous === null || previous.base === wanted.base ? [] : [`Service "${service}": the wanted state was decided on another state of the platform than the previous one.`]),
    ];
  },
};

function withSplit(rollout: GatedInputs["wanted"]) {
  return { ...rollout, split: Split.of(rollout.split) };
}
