import type { Verdict } from "../../model/verdict.js";

/** How one check ended. `ERROR`: it could not be made, which says nothing about the service. A check has no INCONCLUSIVE: it is asked once and answers. */
export interface CheckResult {
  readonly name: string;
  readonly verdict: Exclude<Verdict, "INCONCLUSIVE">;
  /** What came and what was expected, without a capital and a full stop; for PASS what is worth telling, or null. */
  readonly said: string | null;
  readonly milliseconds: number;
  /** The last lines that a command printed. */
  readonly output: readonly string[];
}

/** A result before anybody has looked at the clock. */
export type Ending = Omit<CheckResult, "name" | "milliseconds" | "output"> & { readonly output?: readonly string[] };

export const PASSED: Ending = { verdict: "PASS", said: null };

export function failed(said: string): Ending {
  return { verdict: "FAIL", said };
}

export function notMade(said: string): Ending {
  return { verdict: "ERROR", said };
}

/** Makes a check and takes its time. What it throws is a bug and goes on. */
export async function timed(name: string, work: () => Promise<Ending>): Promise<CheckResult> {
  const begun = performance.now();
  const ending = await work();
  return { name, output: [], ...ending, milliseconds: Math.round(performance.now() - begun) };
}
