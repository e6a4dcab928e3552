import { parseDuration } from "../../model/duration.js";
import { timingOf } from "../../model/timing.js";
import type { PhaseName } from "../mission/mission-parts.js";
import type { MissionSubject } from "../mission/subject.js";

/** Tests, build, rehearsal of migrations and checklist together, milliseconds. */
export const VALIDATE_LIMIT_MS = 60 * 60_000;
/** Window, targets and a preview by the engine, milliseconds. */
const PLAN_LIMIT_MS = 10 * 60_000;
/** What one `up` takes besides waiting for instances, with the checks around it, milliseconds. */
const AROUND_AN_UP_MS = 3 * 60_000;

/** How long each phase may take at the most, milliseconds: what its bakes take with every extension, and the engine's part; approvals are waited for on top. */
export function timeLimits(subject: MissionSubject): Readonly<Record<PhaseName, number>> {
  const { staging, production, strategy, pause } = subject;
  const ups = (environment: typeof staging, count: number) => count * (parseDuration(environment.settings.progressDeadline) + AROUND_AN_UP_MS);
  const bakes = (milliseconds: readonly number[]) => milliseconds.reduce((sum, each) => sum + Math.max(3 * each, each + 15_000), 0);
  const approvals = pause ? (strategy.steps.length - 1) * parseDuration(production.settings.approvalTimeout) : 0;
  return {
    validate: VALIDATE_LIMIT_MS,
    plan: PLAN_LIMIT_MS,
    staging: ups(staging, 6) + bakes([stagingBakeMs(subject)]),
    production: ups(production, strategy.steps.length + 3) + bakes(strategy.steps.map(({ bakeMs }) => bakeMs)) + approvals,
    monitor: AROUND_AN_UP_MS + bakes([timingOf(production.settings).monitorMs]),
  };
}

/** How long staging is watched, milliseconds: its own bake, because it shows the release itself and not production's strategy. */
export function stagingBakeMs({ staging }: MissionSubject): number {
  return parseDuration(timingOf(staging.settings).bake);
}
