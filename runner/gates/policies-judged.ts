import type { GateResult, Verdict } from "../../model/verdict.js";
import type { Beforehand } from "../policies/later-evidence.js";
import { packResults } from "../policies/pack-results.js";
import type { PerEnvironment } from "../plan/plan-inputs.js";
import type { PreviewSummary } from "../plan/preview-summary.js";

/**
 * Gate `policies-judged`: the policy pack is there, it is one and the same for both environments, every service was judged, and nothing is refused that could
 * be allowed by now. What rests on evidence that comes later is told, and counted in `later`. A refusal is FAIL, a pack that could not judge ERROR, and none
 * that ran INCONCLUSIVE.
 */
export function policiesJudged(previews: PerEnvironment<PreviewSummary>, beforehand: Beforehand): GateResult {
  const { ran, refusals, cannotRun } = packResults(previews, beforehand) ?? { ran: 0, refusals: [], cannotRun: ["No policy pack has judged either stack."] };
  const inWords = ({ policy, about, stack, message }: (typeof refusals)[number]) => `Stack "${stack}": policy "${policy}" refuses ${about}: ${message}`;
  const [now, later] = [refusals.filter((refusal) => !refusal.later), refusals.filter((refusal) => refusal.later)];
  const changed = previews.staging.policies?.pack !== previews.production.policies?.pack ? ["The policy pack has changed while the plan was made; make it again."] : [];
  const sentences = [...new Set([...now.map(inWords), ...cannotRun, ...changed])];
  return {
    gate: "policies-judged",
    verdict: verdictOf(now.length, cannotRun.length + changed.length, ran),
    summary: sentences[0] ?? `${ran === 1 ? "1 policy has" : `${ran} policies have`} judged both stacks${later.length === 0 ? " and refuse nothing" : `; what they refuse now rests on evidence that comes later (${later.length})`}.`,
    details: [...sentences.slice(1), ...later.map((refusal) => `Judged again when its evidence is there: ${inWords(refusal)}`)],
    measured: { policies: ran, refused: now.length, later: later.length },
  };
}

function verdictOf(refused: number, unjudged: number, ran: number): Verdict {
  if (refused > 0) return "FAIL";
  if (unjudged > 0) return "ERROR";
  return ran === 0 ? "INCONCLUSIVE" : "PASS";
}
