import type { PlannedGate } from "../plan/gate-list.js";

/** What the policy pack said when the engine previewed both stacks; null when it was not run. */
export type PolicyResults = {
  /** How many policies ran. */
  readonly ran: number;
  readonly violations: readonly PolicyViolation[];
  /** Why a policy, or the pack, could not run; a sentence each. */
  readonly cannotRun: readonly string[];
} | null;

/** One refusal of a policy. */
export interface PolicyViolation {
  readonly policy: string;
  readonly service: string;
  readonly message: string;
}

/** Criteria that rest on evidence which a mission makes after the preview. */
const ON_EVIDENCE = ["tests-passed", "artifact-built", "migrations-validated", "checklist-complete", "staging-verified", "rollback-ready", "strategy-planned", "approved"];

/**
 * Whether a refusal only says that evidence is not there yet: the mission makes it before the `up` that needs it, and the policy judges again then.
 * A criterion whose gate was judged and did not pass is refused for good.
 */
export function isPending({ policy }: PolicyViolation, gates: readonly PlannedGate[]): boolean {
  const state = gates.find(({ gate }) => gate === policy)?.state;
  return ON_EVIDENCE.includes(policy) && (state === undefined || state === "PENDING" || state === "PASS" || state === "WAIVED");
}

/** The pack as one gate. Nothing passes when no policy ran, or one could not. */
export function policyGate(results: PolicyResults, gates: readonly PlannedGate[]): PlannedGate {
  const gate = (state: PlannedGate["state"], summary: string, later: PlannedGate["later"] = null): PlannedGate => ({ gate: "policies", state, summary, details: [], later });
  const later = { by: "the policy pack", when: "at every up of the mission" };
  if (results === null) return gate("PENDING", "The policy pack was not run in this preview.", later);
  const refused = results.violations.filter((violation) => !isPending(violation, gates));
  if (refused.length > 0) return gate("FAIL", `${count(refused.length, "refusal")} by ${[...new Set(refused.map(({ policy }) => policy))].sort().join(", ")}; see Policies.`);
  if (results.cannotRun.length > 0) return gate("ERROR", `${count(results.cannotRun.length, "policy", "policies")} could not run, so nothing is known of what ${results.cannotRun.length === 1 ? "it" : "they"} would say; see Policies.`);
  if (results.ran === 0) return gate("INCONCLUSIVE", "No policy ran, so nothing is known; the pack is absent, empty or disabled.");
  if (results.violations.length > 0) return gate("PENDING", `${count(results.ran, "policy", "policies")} ran; what ${results.violations.length === 1 ? "one of them waits" : "some of them wait"} for is evidence that the mission makes.`, later);
  return gate("PASS", `${count(results.ran, "policy", "policies")} ran, and none refuses.`);
}

function count(number: number, thing: string, things = `${thing}s`): string {
  return `${number} ${number === 1 ? thing : things}`;
}
