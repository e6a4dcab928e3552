import { PREDICATE } from "../../evidence/predicate-types.js";
import { planSchema, type PlanStatement } from "../../evidence/predicates.js";
import { allPass, type GateResult } from "../../model/verdict.js";
import { recordEvidence, type EvidenceDesk } from "../evidence/record-evidence.js";
import type { Json } from "../mission/journal-port.js";
import type { ReleasedSubject } from "../mission/subject.js";
import { releaseClaim } from "./release-claim.js";

const GATE = "strategy-planned";

/**
 * Signs the plan that a mission has recorded, for production, when every gate so far has passed: a plan that is refused is no permission for anybody.
 * @param document as recorded, which is what the mission goes by: `{digest, json}`
 * @returns the gates of the plan; `strategy-planned` names the statement
 */
export async function signedPlan(subject: ReleasedSubject, document: Json, earlier: readonly GateResult[], gates: readonly GateResult[], desk: EvidenceDesk): Promise<readonly GateResult[]> {
  if (!allPass([...earlier, ...gates]) || !gates.some(({ gate }) => gate === GATE)) return gates;
  const changed = (change: (result: GateResult) => GateResult) => gates.map((result) => (result.gate === GATE ? change(result) : result));
  try {
    const reference = await recordEvidence(desk, releaseClaim(subject, PREDICATE.plan, planStatement(subject, document), "production"));
    return changed((result) => ({ ...result, evidence: [reference] }));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return changed((result) => ({ ...result, verdict: "ERROR", summary: `The plan could not be signed: ${why} Put that right and run the mission again.`, details: [result.summary, ...result.details] }));
  }
}

function planStatement({ release }: ReleasedSubject, document: Json): PlanStatement {
  const { digest, json } = document as { readonly digest: string; readonly json: { readonly decided: { readonly strategy: PlanStatement["strategy"] } } };
  const { name, steps } = json.decided.strategy;
  const services = Object.fromEntries(Object.entries(release.services).map(([service, { digest: artifact }]) => [service, { digest: artifact }]));
  return planSchema.parse({ plan: digest, strategy: { name, steps: steps.map(({ weight }) => ({ weight })) }, services });
}
