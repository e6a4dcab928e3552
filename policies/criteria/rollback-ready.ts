import { PREDICATE } from "../../evidence/predicate-types.js";
import type { JudgedChange } from "../change-of.js";
import { BEFORE_RAISE, criterion, expectationOf, madeBy } from "../criterion.js";
import { judgeEvidence } from "../judge-evidence.js";
import { drillSchema } from "../../evidence/predicates.js";
import { drillMistakes as whatItSays } from "../../evidence/what-counts.js";
import type { Judged } from "../rule.js";
import { waiverFor } from "../waiver-for.js";
import { stagingSummary } from "./staging-verified.js";

/** There is a way back: a target that runs, and a drill in staging that took less than five minutes. */
export const rollbackReady = criterion({
  name: "rollback-ready",
  description: "What users have now stays in its slot with its full capacity, and going back was tried in staging in less than 5 minutes.",
  severity: "critical",
  remediation: "Keep the live slot at its full capacity, and run ./mission deploy, which tries a rollback in staging.",
  demanded: BEFORE_RAISE,
  judge: async (judged, change) => [...targetMistakes(judged), ...(await drillMistakes(judged, change))],
});

function targetMistakes({ gated: { wanted, specs } }: Judged): string[] {
  const { live } = wanted;
  const [held, spec] = [wanted.slots[live], specs[live]];
  if (held === null || spec === null) return [`slot "${live}" is recorded live and holds nothing, so there would be nothing to go back to; repair that before the candidate gets traffic.`];
  if (spec.specDigest !== held.spec) return [`slot "${live}" is recorded live with another SlotSpec than the one that is shown, so what a rollback brings back cannot be judged; deploy with the program as it was built.`];
  return held.instances >= spec.size ? [] : [`slot "${live}", which a rollback goes back to, has ${held.instances} of ${spec.size} instances; all must be there until the rollout is finished.`];
}

async function drillMistakes(judged: Judged, change: JudgedChange): Promise<readonly string[]> {
  const judgement = await judgeEvidence(judged, {
    expected: expectationOf(judged, change, PREDICATE.rollbackDrill, { environment: "staging" }),
    what: "drill of a rollback",
    makes: madeBy("tries a rollback in staging and signs how long it took"),
    schema: drillSchema,
    judge: ({ predicate }) => whatItSays(predicate),
  });
  if (judgement.ok) return [];
  const given = judged.gated.gates.evidence.some(({ type }) => type === PREDICATE.rollbackDrill);
  return !given && (await hadNone(judged, change)) ? [] : judgement.reasons;
}

/** No drill is possible where staging had nothing to go back to, which its signed summary says by naming none, and where a hotfix left staging out. */
async function hadNone(judged: Judged, change: JudgedChange): Promise<boolean> {
  const summary = await stagingSummary(judged, change);
  if (summary.ok) return summary.found.predicate.inputAttestations?.length === 0;
  return (await waiverFor(judged, change, "staging-verified")).waived;
}
