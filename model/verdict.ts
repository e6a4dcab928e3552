import type { EvidenceReference } from "./evidence.js";

/**
 * What a gate says. `FAIL`: measured, and not good enough; `INCONCLUSIVE`: not enough data; `ERROR`: it could not be measured. Only `PASS` passes.
 */
export type Verdict = "PASS" | "FAIL" | "INCONCLUSIVE" | "ERROR";

/** One gate's verdict with the numbers it rests on. */
export interface GateResult {
  /** Name in kebab-case, such as `tests-passed`. */
  readonly gate: string;
  readonly verdict: Verdict;
  /** One sentence: what was measured and what is allowed; for anything but PASS also what to do. */
  readonly summary: string;
  /** Further sentences: each mistake, each check. */
  readonly details: readonly string[];
  /** The numbers, for programs; null where there was no data. */
  readonly measured: Readonly<Record<string, number | string | boolean | null>>;
  /** What was signed about it; none where the gate only looks. */
  readonly evidence?: readonly EvidenceReference[];
}

const SEVERITY: Readonly<Record<Verdict, number>> = { PASS: 0, INCONCLUSIVE: 1, ERROR: 2, FAIL: 3 };

/** The worst verdict of several: FAIL before ERROR before INCONCLUSIVE before PASS. Of none at all nothing is known: INCONCLUSIVE. */
export function worstVerdict(verdicts: readonly Verdict[]): Verdict {
  if (verdicts.length === 0) return "INCONCLUSIVE";
  return verdicts.reduce((worst, verdict) => (SEVERITY[verdict] > SEVERITY[worst] ? verdict : worst));
}

/** Whether every gate passed, and there was one. */
export function allPass(results: readonly GateResult[]): boolean {
  return worstVerdict(results.map(({ verdict }) => verdict)) === "PASS";
}
