/** Criteria that rest on what staging and the plan prove, of which a preview of production knows nothing yet. */
const OF_THE_MISSION = ["staging-verified", "rollback-ready", "strategy-planned", "approved"];
/** Criteria that rest on phase validate. */
const OF_VALIDATE = ["tests-passed", "artifact-built", "migrations-validated", "checklist-complete"];
/** Criteria that a hotfix waives, by a statement that its mission signs. */
const WAIVED = ["window-open"];

/** How far a mission has come when its stacks are previewed. */
export interface Beforehand {
  /** Whether phase validate is over, and what it signed was given to the preview. */
  readonly validated: boolean;
  readonly hotfix: boolean;
}

/** Whether what a policy refuses in a preview rests on evidence that the mission makes later; the policy judges again at the `up` that it is about. */
export function comesLater(policy: string, environment: "staging" | "production", { validated, hotfix }: Beforehand): boolean {
  if (!validated && (OF_VALIDATE.includes(policy) || (hotfix && environment === "production" && WAIVED.includes(policy)))) return true;
  return environment === "production" && OF_THE_MISSION.includes(policy);
}
