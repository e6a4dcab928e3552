import { weightStepOf } from "../mission/step-names.js";
import type { Facts } from "./facts.js";

/** How long it took to notice, and how long to get back: two numbers, because they are mended in different ways. Milliseconds. */
export interface Recovery {
  /** Where traffic was taken back, or was to be; null where it was not needed. */
  readonly environment: string | null;
  /** From the candidate's first traffic (of the last attempt) to the verdict; null when it had none, or it is not recorded. */
  readonly detectionMs: number | null;
  /** The weight under which the verdict fell, percent, and how long the candidate had it by then; null when it had none. */
  readonly detectedAt: { readonly weight: number; readonly afterMs: number } | null;
  /** From the verdict to the read-back that traffic is as before; null when that is not recorded. */
  readonly backMs: number | null;
  /** Traffic could not be brought back for certain. */
  readonly failed: boolean;
  /** The largest weight that the candidate was given in that environment, percent; 0 when it had none. */
  readonly highestWeight: number;
}

/** The decision to go back, and what came of it. */
export function recoveryOf(facts: Facts): Recovery {
  const { decision } = facts;
  const decided = decision !== null && facts.lines.some(({ line }) => line.id === `${decision.phase}/decided` && typeof line["value"] === "string");
  if (decision === null || !decided) return { environment: null, detectionMs: null, detectedAt: null, backMs: null, failed: false, highestWeight: highest(facts, "production") };
  const environment = decision.phase;
  const result = facts.findLast("result", `${environment}/roll-back/traffic`);
  const failed = Array.isArray(result?.line["value"]) || Array.isArray(facts.value(`${environment}/nothing-before`));
  const since = (from: { readonly at: string } | undefined) => (from === undefined ? null : Math.max(0, decision.atMs - facts.since(from)));
  const raises = raisesOf(facts, environment);
  const last = raises.at(-1);
  const afterMs = since(last?.entry);
  return {
    environment,
    detectionMs: since(raises.find(({ attempt }) => attempt === last?.attempt)?.entry),
    detectedAt: last === undefined || afterMs === null ? null : { weight: last.weight, afterMs },
    backMs: result === undefined || failed ? null : Math.max(0, facts.since(result) - decision.atMs),
    failed,
    highestWeight: highest(facts, environment),
  };
}

/** Each time that a weight was about to be given. An intent counts: who was killed before its result may have moved the traffic. */
function raisesOf(facts: Facts, environment: string) {
  return facts.lines.flatMap((entry) => {
    const step = entry.line.kind === "intent" ? weightStepOf(entry.line.id) : null;
    return step?.phase === environment ? [{ ...step, entry }] : [];
  });
}

function highest(facts: Facts, environment: string): number {
  return Math.max(0, ...raisesOf(facts, environment).map(({ weight }) => weight));
}
