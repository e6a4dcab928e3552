import type { PlannedGate } from "../plan/gate-list.js";
import type { Plan } from "../plan/make-plan.js";
import { POLICY_GATE, policyGate, type PolicyResults } from "./policy-results.js";

/** What a reviewer is told of a pull request: plain data. */
export interface PullRequestPreview {
  readonly plan: Plan;
  readonly policies: PolicyResults;
  /** How the configurations of staging and production differ, a sentence each. */
  readonly differences: readonly string[];
  /** Why no stack was looked at, one sentence; null when both were. What `plan` says of what serves is an assumption then, and not shown. */
  readonly modelOnly: string | null;
}

const ORDER: readonly PlannedGate["state"][] = ["FAIL", "ERROR", "INCONCLUSIVE", "PASS", "WAIVED", "PENDING"];

/** All gates with the policy pack as one of them, unless the plan has judged it; those that need somebody first. */
export function gatesOf({ plan, policies }: PullRequestPreview): PlannedGate[] {
  const own = plan.gates.some(({ gate }) => gate === POLICY_GATE) ? [] : [policyGate(policies, plan.gates)];
  return [...plan.gates, ...own].sort((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state));
}

/** Gates that make the check of a pull request red: what failed for certain. What is not known yet is judged before anything moves. */
export function failing(preview: PullRequestPreview): PlannedGate[] {
  return gatesOf(preview).filter(({ state }) => state === "FAIL");
}
