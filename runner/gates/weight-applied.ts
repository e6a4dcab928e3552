import type { GateResult, Verdict } from "../../model/verdict.js";
import { lowerTail, upperTail } from "../judge/binomial-tail.js";
import type { Probed } from "../mission/ground.js";

/** A share outside these bounds comes by chance once in a million times: half of it for each side. */
const CHANCE = 1e-6;
/** Answers that a share is told from, at least. */
const FEWEST = 20;

/** Which weight was asked for, and what answered. */
export interface AppliedWeight {
  readonly service: string;
  /** Version of the candidate, and of what is live: their answers tell which is which. */
  readonly candidate: string;
  readonly live: string;
  /** Percent of the candidate, 0 to 100. */
  readonly weight: number;
  /** Of this service only, since the weight was applied. */
  readonly probed: Probed | null;
}

/**
 * Gate `weight-applied`: whether the share of answers by the candidate can be that of its weight. Each new request goes to it with that probability, so
 * of n answers their number k is binomial: outside the bounds of 1 - 1e-6, P(X <= k) or P(X >= k) below 5e-7, it does not have that weight. No
 * answer of it at all, where there would be one with that certainty, is a weight that is accepted but not applied.
 */
export function weightApplied({ service, candidate, live, weight, probed }: AppliedWeight): GateResult {
  const answers = (release: string) => probed?.byRelease[release]?.requests ?? 0;
  const known = Object.entries(probed?.byRelease ?? {}).reduce((sum, [release, { requests }]) => (release === "unknown" ? sum : sum + requests), 0);
  const ours = answers(candidate);
  const say = (verdict: Verdict, text: string): GateResult => ({ gate: "weight-applied", verdict, summary: `Service "${service}": ${text}`, details: [], measured: { service, weight, answers: probed === null ? null : known, byCandidate: probed === null ? null : ours } });

  if (probed === null) return say("ERROR", "no requests are sent, so nobody knows which release answers.");
  if (candidate === live) return say("INCONCLUSIVE", `both slots answer as release ${live}, so their answers do not tell the weight.`);
  if (known === 0 && answers("unknown") >= FEWEST) return say("ERROR", `none of ${answers("unknown")} answers says which release it is from (header x-mission-release), so whether the weight is applied cannot be seen.`);
  const share = weight / 100;
  const seen = `${ours} of ${known} answers came from release ${candidate} at a weight of ${weight} %`;
  if (known > 0 && Math.min(lowerTail(ours, known, share), upperTail(ours, known, share)) < CHANCE / 2) {
    return say("FAIL", ours === 0 ? `${seen}: a weight that is accepted but not applied.` : `${seen}; by chance that happens less than once in a million times, so the weight is not applied as it was asked for.`);
  }
  const needed = ours > 0 || share === 0 || share === 1 ? FEWEST : Math.max(FEWEST, Math.ceil(Math.log(CHANCE / 2) / Math.log1p(-share)));
  if (known < needed) return say("INCONCLUSIVE", `${seen}; at least ${needed} answers are needed to tell.`);
  return say("PASS", `${seen}, which is within what chance allows.`);
}
