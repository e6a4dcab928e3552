import { formatDuration } from "../../model/duration.js";
import type { Strategy } from "../../model/strategy.js";
import type { GateResult } from "../../model/verdict.js";

/**
 * The shortest bake that says something, milliseconds. Where metrics are collected by the period it is three of them: one that begins in the midst of a bake, one
 * whole one, and one until its values have arrived. On AWS a period is a minute.
 * @param grainMs between two values of the platform's metrics
 */
export function shortestBakeMs(grainMs: number): number {
  return grainMs > 1_000 ? 3 * grainMs : 1_000;
}

/**
 * Gate `strategy-planned`: weights that rise and end at 100, bakes that are long enough for the platform to measure something, and the plan's digest, which
 * later raises must still have.
 */
export function strategyPlanned({ name, steps }: Strategy, { platform, grainMs }: { readonly platform: string; readonly grainMs: number }, planDigest: string): GateResult {
  const floor = shortestBakeMs(grainMs);
  const mistakes = steps.flatMap(({ weight, bakeMs }, index) => {
    const before = steps[index - 1]?.weight ?? 0;
    const wrong: string[] = [];
    if (!Number.isInteger(weight) || weight < 1 || weight > 100) wrong.push(`Step ${index + 1} has the weight ${weight}; allowed is a whole number from 1 to 100.`);
    else if (weight <= before) wrong.push(`Step ${index + 1} has the weight ${weight}, which is not above the ${before} before it; weights must rise.`);
    // Not `<`: a bake that is no number must not pass.
    if (!(bakeMs >= floor)) wrong.push(`The bake of ${weight} % is ${Number.isFinite(bakeMs) ? formatDuration(bakeMs) : String(bakeMs)}; on "${platform}" nothing is measured in less than ${formatDuration(floor)}. Set a longer one in mission.yaml or in mission:bake.`);
    return wrong;
  });
  const last = steps.at(-1)?.weight;
  if (last === undefined) mistakes.push("The strategy has no steps.");
  else if (last !== 100) mistakes.push(`The last step has the weight ${last}; it must be 100.`);
  const words = steps.map(({ weight, bakeMs }) => `${weight} % for ${formatDuration(bakeMs)}`).join(", ");
  return {
    gate: "strategy-planned",
    verdict: mistakes.length > 0 ? "FAIL" : "PASS",
    summary: mistakes[0] ?? `Strategy "${name}": ${words}.`,
    details: mistakes.slice(1),
    measured: { strategy: name, steps: steps.length, planDigest },
  };
}
