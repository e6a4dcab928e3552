import { changeOf } from "./change-of.js";
import type { Rule } from "./rule.js";

/** Whether the transition that a program says is the one that its own `previous` and `wanted` show. */
export const transitionAgrees: Rule = {
  name: "transition-agrees",
  description: "The transition that the program says is the one that the states before and after show.",
  severity: "critical",
  remediation: "Deploy with ./mission deploy, or with pulumi up and the program as it was built; neither says a transition that is not so.",
  check({ gated }) {
    const change = changeOf(gated);
    const name = `Service "${gated.service}"`;
    if (change.kind === "unclear") return change.reasons.map((reason) => `${name}: what is to change cannot be judged. ${reason}`);
    return change.transition === gated.transition ? [] : [`${name}: the program says that this is "${gated.transition}", and the states before and after show "${change.transition}"; deploy with the program as it was built.`];
  },
};
