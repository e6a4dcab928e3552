import type { GateResult } from "../../model/verdict.js";
import { mandatory, objections, policyRefusals, violationInWords } from "../policies/policy-refusals.js";
import type { PerEnvironment } from "../plan/plan-inputs.js";
import type { PreviewSummary } from "../plan/preview-summary.js";

/** Policies whose evidence a mission makes only after its plan: they are judged by the `up` that they are about. */
const LATER_IN_PRODUCTION = ["staging-verified", "rollback-ready", "strategy-planned", "approved"];
/** Policies whose evidence a mission makes in phase validate, which a mere plan has not gone through. */
const AFTER_VALIDATE = ["tests-passed", "artifact-built", "migrations-validated", "checklist-complete"];

/** What is judged. */
export interface PoliciesJudged {
  readonly previews: PerEnvironment<PreviewSummary>;
  /** Whether the codebase's own gates were judged and signed. */
  readonly validated: boolean;
}

/**
 * Gate `policies-judged`: the policy pack is there, it is one and the same for both environments, every service was judged, and nothing is refused that could
 * be allowed by now. What rests on evidence that comes later is told only.
 */
export function policiesJudged({ previews, validated }: PoliciesJudged): GateResult {
  const { staging, production } = previews;
  const wrong: string[] = [];
  const later: string[] = [];
  for (const [environment, { stack, policies, errors }] of [["staging", staging], ["production", production]] as const) {
    if (policies?.report == null) {
      wrong.push(policies?.problem ?? `No policy pack has judged stack "${stack}".`);
      continue;
    }
    const { report } = policies;
    // Where the preview failed by itself, what nobody came to judge says nothing.
    if (objections(report).length === 0 && errors.length === 0) wrong.push(...policyRefusals(report).map((refusal) => `Stack "${stack}": ${refusal}`));
    wrong.push(...report.cannotRun.map((sentence) => `Stack "${stack}": ${sentence}`));
    for (const violation of mandatory(report)) {
      const comes = (environment === "production" && LATER_IN_PRODUCTION.includes(violation.policy)) || (!validated && AFTER_VALIDATE.includes(violation.policy));
      (comes ? later : wrong).push(`Stack "${stack}": ${violationInWords(violation)}`);
    }
  }
  if (wrong.length === 0 && staging.policies?.pack !== production.policies?.pack) wrong.push("The policy pack has changed while the plan was made; make it again.");
  const sentences = [...new Set(wrong)];
  const ran = new Set([staging, production].flatMap(({ policies }) => policies?.report?.ran ?? []));
  return {
    gate: "policies-judged",
    verdict: sentences.length > 0 ? "FAIL" : "PASS",
    summary: sentences[0] ?? `${ran.size === 1 ? "1 policy has" : `${ran.size} policies have`} judged both stacks${later.length === 0 ? " and refuse nothing" : `; what they refuse now rests on evidence that comes later (${later.length})`}.`,
    details: [...sentences.slice(1), ...later.map((sentence) => `Judged again when its evidence is there: ${sentence}`)],
    measured: { policies: ran.size, refused: sentences.length, later: later.length },
  };
}
