import type { GateResult } from "../../model/verdict.js";
import { PREDICATE } from "../../evidence/predicate-types.js";
import { WAIVABLE, type Waivable, type Waiver } from "../../evidence/predicates.js";
import { recordEvidence, type EvidenceDesk } from "../evidence/record-evidence.js";
import type { ReleasedSubject } from "../mission/subject.js";
import { releaseClaim } from "./release-claim.js";

const MEANING: Readonly<Record<Waivable, string>> = {
  "staging-verified": "the release was not proven on staging",
  "window-open": "production's window is not asked",
};

/**
 * States, signed, what a hotfix leaves out of production and why, and says so gate by gate: PASS, with WAIVED in the summary. Nothing for a mission
 * that is no hotfix: its gates are asked themselves. Provenance, tests and the rollback target cannot be waived.
 */
export async function waivers(subject: ReleasedSubject, desk: EvidenceDesk): Promise<readonly GateResult[]> {
  const { hotfix } = subject;
  if (hotfix === null) return [];
  const [reason, by] = [hotfix.reason.trim(), hotfix.by.trim()];
  if (reason === "" || by === "") {
    const lacking = [...(reason === "" ? ["no reason"] : []), ...(by === "" ? ["no name"] : [])].join(" and ");
    return WAIVABLE.map((gate) => ({ ...refused(gate), verdict: "FAIL", summary: `A hotfix may leave "${gate}" out only with a reason and the name of who says so; it has ${lacking}.` }));
  }
  try {
    // One moment for the waiver and for the statement that carries it.
    const at = (desk.now ?? (() => new Date()))();
    const predicate: Waiver = { waived: [...WAIVABLE], reason, by, at: at.toISOString() };
    const reference = await recordEvidence({ ...desk, now: () => at }, releaseClaim(subject, PREDICATE.waiver, predicate, "production"));
    return WAIVABLE.map((gate) => ({
      gate,
      verdict: "PASS",
      summary: `WAIVED by ${by} for a hotfix: ${MEANING[gate]}. Reason: ${reason}`,
      details: [],
      measured: { waived: true, reason, by, at: at.toISOString() },
      evidence: [reference],
    }));
  } catch (error) {
    return WAIVABLE.map((gate) => ({ ...refused(gate), verdict: "ERROR", summary: `The waiver of "${gate}" could not be recorded, and an unrecorded one does not count: ${error instanceof Error ? error.message : String(error)} Put that right and run the mission again.` }));
  }
}

function refused(gate: Waivable): Omit<GateResult, "verdict" | "summary"> {
  return { gate, details: [], measured: { waived: false } };
}
