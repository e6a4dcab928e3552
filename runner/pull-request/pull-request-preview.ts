import type { PlannedGate } from "../plan/gate-list.js";
import type { Plan } from "../plan/make-plan.js";
import type { PackResults } from "../policies/pack-results.js";

/** What a reviewer is told of a pull request: plain data. */
export interface PullRequestPreview {
  readonly plan: Plan;
  /** What the policy pack said; null when it was not run. */
  readonly policies: PackResults | null;
  /** How the configurations of staging and production differ, a sentence each. */
  readonly differences: readonly string[];
  /** Why no stack was looked at, one sentence; null when both were. What `plan` says of what serves is an assumption then, and not shown. */
  readonly modelOnly: string | null;
}

const ORDER: readonly PlannedGate["state"][] = ["FAIL", "ERROR", "INCONCLUSIVE", "PASS", "WAIVED", "PENDING"];

/** All gates; those that need somebody first. */
export function gatesOf({ plan }: PullRequestPreview): PlannedGate[] {
  return [...plan.gates].sort((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state));
}

/** Gates that make the check of a pull request red: what failed for certain. What is not known yet is judged before anything moves. */
export function failing(preview: PullRequestPreview): PlannedGate[] {
  return gatesOf(preview).filter(({ state }) => state === "FAIL");
}
