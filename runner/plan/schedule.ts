import { parseDuration } from "../../model/duration.js";
import { ROLLBACK_LIMIT_MS } from "../../model/promises.js";
import type { DecidedEnvironment, DecidedPlan } from "./decided-plan.js";
import { inWords, longestWatch, UP_MS } from "./durations.js";
import type { PlanInputs } from "./plan-inputs.js";
import type { PlannedStep } from "./shift-plan.js";

/** One part of a mission after its build and tests, and how long it takes. */
export interface ScheduledPart {
  readonly name: string;
  readonly words: string;
  readonly expectedMs: number;
  readonly worstMs: number;
}

/** The parts in their order. What build, tests and checks of the codebase take is the codebase's own and not in here. */
export function schedule({ subject }: PlanInputs, { environments }: DecidedPlan, steps: readonly PlannedStep[]): ScheduledPart[] {
  const [staging, production] = environments;
  if (staging === undefined || production === undefined) return [];
  const up = UP_MS[subject.production.settings.platform];
  const monitor = production.timing.monitorMs;
  return [
    ...(subject.hotfix === null ? inStaging(staging, UP_MS[subject.staging.settings.platform]) : []),
    ...arrives(production, up),
    ...steps.map(({ weight, bakeMs, expectedMs, worstMs }) => ({ name: `production: ${weight} %`, words: `one up, then ${inWords(bakeMs)} of watching, at most ${inWords(longestWatch(bakeMs))} when there is no clear verdict`, expectedMs, worstMs })),
    ...(steps.length === 0 ? [] : [{ name: "production: finish", words: "the candidate is recorded live", expectedMs: up, worstMs: up * 2 }]),
    { name: "monitor", words: `users are watched for ${inWords(monitor)}`, expectedMs: monitor, worstMs: longestWatch(monitor) },
  ];
}

function inStaging(staging: DecidedEnvironment, up: number): ScheduledPart[] {
  const arrival = arrives(staging, up);
  const bake = parseDuration(staging.timing.bake);
  if (!shifts(staging)) return [...arrival, { name: "staging: watch", words: "what serves there is watched", expectedMs: bake, worstMs: longestWatch(bake) }];
  return [
    ...arrival,
    { name: "staging: 100 %", words: `all traffic at once, ${inWords(bake)} of watching`, expectedMs: up + bake, worstMs: up * 2 + longestWatch(bake) },
    { name: "staging: rollback drill", words: "back and forward again, timed", expectedMs: up, worstMs: ROLLBACK_LIMIT_MS + up * 2 },
    { name: "staging: finish", words: "the candidate is recorded live", expectedMs: up, worstMs: up * 2 },
  ];
}

/** A slot is ready at the latest when the platform gives up on it. */
function arrives(environment: DecidedEnvironment, up: number): ScheduledPart[] {
  const first = environment.services.some(({ transition }) => transition === "bootstrap");
  if (!first && !environment.services.some(({ transition }) => transition === "stage-dark")) return [];
  const words = first ? "the first release, live at once" : "the release dark, without traffic";
  return [{ name: `${environment.environment}: ${first ? "first deployment" : "dark"}`, words, expectedMs: up, worstMs: up + parseDuration(environment.progressDeadline) }];
}

function shifts({ services }: DecidedEnvironment): boolean {
  return services.some(({ transition }) => transition === "stage-dark" || transition === "dark-already");
}
