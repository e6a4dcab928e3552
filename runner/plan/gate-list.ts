import type { GateResult, Verdict } from "../../model/verdict.js";
import { GATES } from "./later-gates.js";
import type { PlanInputs } from "./plan-inputs.js";

/** A gate as the plan shows it. */
export interface PlannedGate {
  readonly gate: string;
  /** `PENDING`: judged later; `WAIVED`: left out by the hotfix. */
  readonly state: Verdict | "PENDING" | "WAIVED";
  readonly summary: string;
  readonly details: readonly string[];
  /** Who judges it, and when; null when it is judged. */
  readonly later: { readonly by: string; readonly when: string } | null;
}

/** What was judged, then what a hotfix waives, then what is judged later. A gate that was judged is not in the other two. */
export function gateList({ subject: { hotfix }, pause = false, planApproval = false }: Pick<PlanInputs, "subject" | "pause" | "planApproval">, judged: readonly GateResult[]): PlannedGate[] {
  const names = new Set(judged.map(({ gate }) => gate));
  return [
    ...judged.map(planned),
    ...GATES.filter(({ gate, approval }) => !names.has(gate) && (pause || planApproval || approval !== true)).flatMap(({ gate, summary, by, when, waivable, approval }): PlannedGate[] => {
      if (hotfix !== null && waivable === true) return [{ gate, state: "WAIVED", summary: `Waived by the hotfix of ${hotfix.by}: ${hotfix.reason}`, details: [], later: null }];
      const approvals = [...(planApproval ? ["before production begins"] : []), ...(pause ? ["before each step after the first"] : [])].join(", and ");
      return when === null ? [] : [{ gate, state: "PENDING", summary, details: [], later: { by, when: approval === true ? approvals : when } }];
    }),
  ];
}

/** What waits for evidence is neither passed nor refused yet. */
function planned({ gate, verdict, summary, details, measured }: GateResult): PlannedGate {
  const waits = verdict === "PASS" && Number(measured["later"] ?? 0) > 0;
  return { gate, state: waits ? "PENDING" : verdict, summary, details, later: waits ? { by: "the policy pack", when: "at the up that it is about" } : null };
}

/** The gates that stop a mission: those that were judged and did not pass. */
export function stopping(gates: readonly PlannedGate[]): PlannedGate[] {
  return gates.filter(({ state }) => state !== "PASS" && state !== "PENDING" && state !== "WAIVED");
}
