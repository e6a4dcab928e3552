import type { GateResult } from "../../model/verdict.js";

/** Gate `transition-possible`: a slot is free for the release in every service of both environments, and none would leave production. */
export function transitionPossible(environments: readonly { readonly stack: string; readonly refusals: readonly string[] }[]): GateResult {
  const said = environments.flatMap(({ stack, refusals }) => refusals.map((refusal) => `Stack "${stack}": ${refusal}`));
  return {
    gate: "transition-possible",
    verdict: said.length > 0 ? "FAIL" : "PASS",
    summary: said[0] ?? "Every service of both environments can take the release.",
    details: said.slice(1),
    measured: { refusals: said.length },
  };
}
