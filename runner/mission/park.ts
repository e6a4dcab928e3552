import type { Ground } from "./ground.js";
import { rollBack, type LiveSpecs } from "./roll-back.js";
import type { Steps } from "./steps.js";

/** The note that a phase was stopped by a person and its traffic is to go back. */
export function parkedNote(phase: string): string {
  return `${phase}/parked`;
}

/** Which attempt at a phase this is, from 1: one more than it was parked. What an attempt does has names of its own. */
export function attemptOf(steps: Steps, phase: string): number {
  return steps.count(parkedNote(phase)) + 1;
}

/**
 * Takes back the traffic of the attempt that was parked last, if there was one; nothing when that is recorded as done.
 * @throws NotTakenBack when it cannot be taken back; the next run tries again before it does anything else
 */
export async function completeParking(steps: Steps, ground: Ground, phase: string, before: LiveSpecs): Promise<void> {
  const parked = attemptOf(steps, phase) - 1;
  if (parked === 0) return;
  await rollBack(steps, ground, `${phase}/${parked}/park`, before, "until-next-run");
}
