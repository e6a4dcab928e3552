/*
 * The names of a mission's steps as readers of its journal (news, reports, status) take them apart. Who makes them: run-mission.ts, shift.ts, park.ts, roll-back.ts.
 */

/** The candidate of an environment has got a weight. */
export interface WeightStep {
  readonly phase: string;
  /** From 1; one more for each time that the phase was parked. */
  readonly attempt: number;
  /** Percent. */
  readonly weight: number;
}

const WEIGHT = /^([a-z]+)\/(\d+)\/weight-(\d+)(\/[a-z-]+)?$/;

/** What a step of a shift is about, or one of the steps below it (`bake`, `checks`, `permit`, `approval`); null for any other. */
export function weightStepOf(id: string): (WeightStep & { readonly part: string | null }) | null {
  const [, phase, attempt, weight, part] = WEIGHT.exec(id) ?? [];
  if (phase === undefined) return null;
  return { phase, attempt: Number(attempt), weight: Number(weight), part: part?.slice(1) ?? null };
}

/** The phase that a step belongs to. */
export function phaseOf(id: string): string {
  return id.split("/")[0] ?? id;
}

/** The note that says that a mission waits for a person who agrees to its plan, before production begins. Its result of the same name ends the wait. */
export const PLAN_APPROVAL = "plan/approval";

/** The note that says that a mission waits for a person before a step: `production/1/weight-50/approval`. Its result of the same name ends the wait. */
export function approvalNote({ phase, attempt, weight }: WeightStep): string {
  return `${phase}/${attempt}/weight-${weight}/approval`;
}
