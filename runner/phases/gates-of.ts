import { PREDICATE } from "../../evidence/predicate-types.js";
import type { EvidenceReference } from "../../model/evidence.js";
import type { Gates } from "../../model/gates.js";
import type { MissionContext } from "./mission-context.js";

/** Approvals in one configuration, at most. */
const APPROVALS = 32;

/**
 * What a mission's changes rest on by now: its plan, and everything that its gates have signed so far. All of it is in the journal (an approval of the
 * plan is in the mission's folder), so a mission that is resumed has the same.
 */
export function gatesOf({ subject, steps, requests }: Pick<MissionContext, "subject" | "steps" | "requests">): Gates {
  const plan = steps.recorded("plan/document") as { readonly digest?: string } | undefined;
  const approval = requests.planApproval();
  return { mission: subject.id, plan: plan?.digest ?? null, evidence: newest([...steps.evidence(), ...(approval === null ? [] : [approval.evidence])]) };
}

/** What was stated again counts as it was stated last, so that their number does not grow with every attempt; approvals are by different people and all stay. */
function newest(references: readonly EvidenceReference[]): EvidenceReference[] {
  const approvals = references.filter(({ type }) => type === PREDICATE.approval);
  const others = new Map(references.filter(({ type }) => type !== PREDICATE.approval).map((reference) => [reference.type, reference]));
  return [...others.values(), ...[...new Map(approvals.map((approval) => [approval.sha256, approval])).values()].slice(-APPROVALS)];
}
