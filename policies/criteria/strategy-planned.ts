import { show } from "../../model/diagnostic.js";
import { shortDigest } from "../../model/digest.js";
import { parseDuration } from "../../model/duration.js";
import type { JudgedChange } from "../change-of.js";
import { BEFORE_USERS, criterion, expectationOf } from "../criterion.js";
import { judgeEvidence } from "../judge-evidence.js";
import { planSchema } from "../../evidence/predicates.js";
import { PREDICATE } from "../../evidence/predicate-types.js";

/** The change follows a signed plan of its own mission, and goes no further than that plan's next step. */
export const strategyPlanned = criterion({
  name: "strategy-planned",
  description: "The change follows the signed plan of its mission, which is no older than maxMissionAge, and no further than the plan's next step.",
  severity: "critical",
  remediation: "Run ./mission deploy, which plans, signs the plan and follows it; a plan that is too old is made anew by a new mission.",
  demanded: BEFORE_USERS,
  async judge(judged, change) {
    const { mission, plan } = judged.gated.gates;
    const { service } = judged.gated;
    const makes = "./mission deploy makes one, signs it and follows it.";
    if (mission === null || plan === null) return [`no ${mission === null ? "mission" : "plan"} is named in "mission:gates", and users get a release only by a plan; ${makes}`];
    const maxAgeMs = parseDuration(judged.context.config.maxMissionAge);
    const judgement = await judgeEvidence(judged, {
      expected: expectationOf(judged, change, PREDICATE.plan, { environment: "production", mission, maxAgeMs }),
      what: "signed plan",
      makes,
      schema: planSchema,
      judge: ({ predicate }) => {
        const planned = Object.hasOwn(predicate.services, service) ? predicate.services[service] : undefined;
        return [
          ...(predicate.plan === plan ? [] : [`is about plan ${shortDigest(predicate.plan)}; the change follows plan ${shortDigest(plan)}. Go on with the plan that was signed, or begin a new mission.`]),
          ...(planned === undefined ? [`plans nothing for service "${service}"; begin a new mission.`] : planned.digest === change.spec.digest ? [] : [`plans artifact ${shortDigest(planned.digest)}; the slot is to hold ${shortDigest(change.spec.digest)}. Begin a new mission.`]),
          ...stepMistakes(predicate.strategy.steps.map(({ weight }) => weight), change),
        ];
      },
    });
    return judgement.ok ? [] : judgement.reasons;
  },
});

/** A raise goes to the first step above the weight that the slot has; a first deployment has no way but all at once. */
function stepMistakes(weights: readonly number[], { transition, slot, before, after }: JudgedChange): string[] {
  const rises = weights.every((weight, index) => Number.isInteger(weight) && weight > (weights[index - 1] ?? 0)) && weights.at(-1) === 100;
  if (!rises) return [`plans the weights ${show(weights)}; allowed are whole numbers that rise to 100. Begin a new mission.`];
  if (transition === "bootstrap") return [];
  const next = weights.find((weight) => weight > before);
  return after === next ? [] : [`plans the weights ${weights.join(", ")}: after ${before} % slot "${slot}" gets ${next ?? 100} %, not ${after} %. Take the plan's next step.`];
}
