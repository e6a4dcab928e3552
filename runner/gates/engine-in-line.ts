import type { GateResult, Verdict } from "../../model/verdict.js";
import { readableInWords, type StateSearch } from "../engine/search-state.js";
import { mandatory, policyRefusals } from "../policies/policy-refusals.js";
import type { PreviewSummary } from "../plan/preview-summary.js";

/** What is looked at once an environment is as a mission wants it. */
export interface InLineInputs {
  /** What a bare `up` would change now, judged by the policy pack. */
  readonly preview: PreviewSummary;
  readonly secrets: StateSearch;
}

/**
 * Gate `engine-in-line`: after the last `up` the engine has nothing left to do, the pack judges what is there and objects to nothing, and no secret stands in
 * the engine's state in plain text. Components are left out of the changes: their inputs tell what the last `up` did, and a bare one does nothing.
 */
export function inLine({ preview, secrets }: InLineInputs): GateResult {
  const { stack, counts, changes, errors, policies } = preview;
  const report = policies?.report ?? null;
  const unknown = [
    ...(counts === null ? [`What an up of stack "${stack}" would change is not known: ${errors.join(" ")}`] : []),
    ...(report === null ? [`No policy pack has judged stack "${stack}"${policies?.problem == null ? "." : `: ${policies.problem}`}`] : []),
  ];
  const wrong = [
    ...changes.map(({ words }) => `An up of stack "${stack}" would still change something: ${words}`),
    ...(report === null ? [] : policyRefusals(report)),
    ...(secrets.found.length === 0 ? [] : [readableInWords(stack, secrets.found)]),
  ];
  const verdict: Verdict = wrong.length > 0 ? "FAIL" : unknown.length > 0 ? "ERROR" : "PASS";
  const [first, ...rest] = [...wrong, ...unknown];
  return {
    gate: "engine-in-line",
    verdict,
    summary: first ?? `An up of stack "${stack}" would change nothing, ${count(report?.ran.length ?? 0)} judged it and none refuses, and none of ${secrets.searched} secrets stands in its state in plain text.`,
    details: rest,
    measured: {
      changes: counts === null ? null : changes.length,
      policies: report?.ran.length ?? null,
      judgements: report?.judgements ?? null,
      violations: report === null ? null : mandatory(report).length,
      secretsSearched: secrets.searched,
      secretsReadable: secrets.found.length,
    },
  };
}

function count(policies: number): string {
  return policies === 1 ? "1 policy has" : `${policies} policies have`;
}
