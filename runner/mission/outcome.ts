import type { GateResult } from "../../model/verdict.js";

/**
 * How a mission ends, exactly one of: `succeeded`; `rolled-back` (what served before serves again); `failed-safe` (traffic could not be
 * brought back for certain: the environment is frozen and a person told); `refused` (nothing that serves was touched).
 */
export type MissionState = "succeeded" | "rolled-back" | "failed-safe" | "refused";

/** The end of a mission. */
export interface MissionOutcome {
  readonly state: MissionState;
  /** One sentence, with the gate and its numbers where one decided. */
  readonly reason: string;
}

/** A gate said no: the mission's phase ends here. */
export class GateFailed extends Error {
  constructor(
    readonly phase: string,
    readonly results: readonly GateResult[],
  ) {
    super(inWords(phase, results));
  }
}

function inWords(phase: string, results: readonly GateResult[]): string {
  const bad = results.filter(({ verdict }) => verdict !== "PASS");
  if (results.length === 0) return `Phase "${phase}" has no gate that passed; what nobody measured is no pass.`;
  return bad.map(({ gate, verdict, summary }) => `Gate "${gate}" of phase "${phase}" is ${verdict}: ${summary}`).join(" ");
}
