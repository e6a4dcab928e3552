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

/** What a preview of one stack says of its policies, as far as it is told here. */
export interface PoliciesOfPreview {
  readonly stack: string;
  /** Absent when nobody asked for the pack. */
  readonly policies?: {
    /** Why the pack could not be run, one sentence; null when it was. */
    readonly problem: string | null;
    readonly report: {
      readonly ran: readonly string[];
      readonly violations: readonly { readonly policy: string; readonly enforcement: string; readonly about: string; readonly message: string }[];
      readonly cannotRun: readonly string[];
      readonly unjudged: readonly string[];
    } | null;
  };
}

/** The results of both stacks together; null when the pack was asked for in neither. */
export function policyResultsOf(previews: readonly PoliciesOfPreview[]): PolicyResults {
  const asked = previews.flatMap(({ stack, policies }) => (policies === undefined ? [] : [{ stack, ...policies }]));
  if (asked.length === 0) return null;
  return {
    ran: new Set(asked.flatMap(({ report }) => report?.ran ?? [])).size,
    violations: asked.flatMap(({ stack, report }) =>
      (report?.violations ?? []).flatMap(({ policy, enforcement, about, message }) => (enforcement === "mandatory" ? [{ policy, service: `${/^service "(.*)"$/.exec(about)?.[1] ?? about} (${stack})`, message }] : [])),
    ),
    cannotRun: [
      ...previews.flatMap(({ stack, policies }) => (policies === undefined ? [`Nobody asked the pack about stack "${stack}".`] : [])),
      ...asked.flatMap(({ stack, problem, report }) => [
        ...(problem === null ? [] : [`Stack "${stack}": ${problem}`]),
        ...(report?.cannotRun ?? []).map((sentence) => `Stack "${stack}": ${sentence}`),
        ...(report?.unjudged ?? []).map((service) => `Stack "${stack}": no policy has judged service "${service}".`),
        ...(report !== null && report.ran.length === 0 ? [`Stack "${stack}": no policy ran.`] : []),
      ]),
    ],
  };
}

/** What the pack is called among the gates; the plan may judge it by itself. */
export const POLICY_GATE = "policies-judged";

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
  const gate = (state: PlannedGate["state"], summary: string, later: PlannedGate["later"] = null): PlannedGate => ({ gate: POLICY_GATE, state, summary, details: [], later });
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
