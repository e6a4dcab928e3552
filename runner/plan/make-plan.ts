import { limitsOf } from "../../model/limits.js";
import { timingOf } from "../../model/timing.js";
import { windowAt, type WindowState } from "../../model/window.js";
import { planGates } from "../gates/plan-gates.js";
import type { MissionEnvironment } from "../mission/subject.js";
import type { Standing } from "../store/mission-store.js";
import { decide, planDigest, type DecidedPlan } from "./decided-plan.js";
import { gateList, type PlannedGate } from "./gate-list.js";
import type { PerEnvironment, PlanInputs } from "./plan-inputs.js";
import type { PreviewSummary } from "./preview-summary.js";
import { rollbackTimes, type RollbackTimes } from "./rollback-plan.js";
import { samplesNeeded, timeFor, type SamplesNeeded } from "./samples.js";
import { schedule, type ScheduledPart } from "./schedule.js";
import { planShift, type PlannedStep } from "./shift-plan.js";
import { announcements, type Announcement } from "./told.js";

/** What a mission is going to do, what that takes, and what stands in its way. Plain data. */
export interface Plan {
  /** ISO 8601. */
  readonly madeAt: string;
  /** Names `decided`. */
  readonly digest: string;
  readonly decided: DecidedPlan;
  /** The steps of production; none when nothing is shifted. */
  readonly steps: readonly PlannedStep[];
  /** Why nothing is shifted; null when something is. */
  readonly notShifted: string | null;
  /** What a first deployment, which has no baseline, is judged by; null when none is among the services. */
  readonly first: { readonly needed: SamplesNeeded; readonly minimumAfterMs: number | null; readonly marginAfterMs: number | null } | null;
  /** Requests a second that the mission sends, and those of users that were seen; null where nothing is known. */
  readonly traffic: { readonly probe: number; readonly users: Readonly<Record<string, number>> | null };
  readonly schedule: readonly ScheduledPart[];
  readonly totals: { readonly expectedMs: number; readonly worstMs: number };
  readonly rollback: RollbackTimes;
  /** Instances that are ready of each service's rollback target in production. */
  readonly ready: Readonly<Record<string, { readonly ready: number; readonly instances: number }>>;
  readonly window: WindowState;
  readonly standing: PerEnvironment<Standing>;
  readonly told: readonly Announcement[];
  /** What the scratch run of the migrations said; null when none was made yet. */
  readonly scratchRun: string | null;
  readonly gates: readonly PlannedGate[];
  readonly preview: PerEnvironment<PreviewSummary> | null;
  /** Release notes in Markdown. */
  readonly notes: string | null;
}

/** Makes the plan. Pure: nothing is read but the inputs. */
export function makePlan(inputs: PlanInputs): Plan {
  const { subject, observed, now, traffic, pause = false, gates = [] } = inputs;
  const decided = decide(inputs);
  const production = subject.production;
  const services = decided.environments.find(({ environment }) => environment === "production")?.services ?? [];
  const moving = services.filter(({ transition }) => transition === "stage-dark" || transition === "dark-already").map(({ service }) => service);
  const steps = moving.length === 0 ? [] : planShift({ environment: production, steps: decided.strategy.steps, services: moving, serving: Object.values(observed.production).filter(({ live }) => live !== null).length, traffic: traffic ?? {}, pause });
  const parts = schedule(inputs, decided, steps);
  const own = planGates(inputs);
  const judged = [...own, ...gates.filter(({ gate }) => !own.some((each) => each.gate === gate))];
  return {
    madeAt: new Date(now).toISOString(),
    digest: planDigest(decided),
    decided,
    steps,
    notShifted: moving.length > 0 ? null : services.some(({ transition }) => transition === "bootstrap") ? "It is a first deployment, which takes all traffic at once and is judged by fixed limits only: nothing serves beside it, and nothing was recorded before." : "The release is live already.",
    first: services.some(({ transition }) => transition === "bootstrap") ? firstDeployment(production, Object.keys(subject.release.services).length) : null,
    traffic: { probe: timingOf(production.settings).probeRate, users: traffic ?? null },
    schedule: parts,
    totals: { expectedMs: sum(parts, "expectedMs"), worstMs: sum(parts, "worstMs") },
    rollback: rollbackTimes(production.settings, inputs.drillMs),
    ready: Object.fromEntries(
      Object.entries(observed.production).flatMap(([service, { live, slots }]) => {
        const held = live === null ? null : slots[live];
        return held === null ? [] : [[service, { ready: held.ready, instances: held.instances }]];
      }),
    ),
    window: windowAt(production.settings.window, now),
    standing: { staging: inputs.standing.staging, production: inputs.standing.production },
    told: announcements(pause),
    scratchRun: gates.find(({ gate }) => gate === "migrations-validated")?.summary ?? null,
    gates: gateList(inputs, judged),
    preview: inputs.preview ?? null,
    notes: subject.notes,
  };
}

function firstDeployment({ settings }: MissionEnvironment, serving: number): Plan["first"] {
  const needed = samplesNeeded(limitsOf(settings.limits), false);
  const rate = timingOf(settings).probeRate / serving;
  return { needed, minimumAfterMs: timeFor(needed.minimum, rate), marginAfterMs: needed.forMargin === null ? null : timeFor(needed.forMargin, rate) };
}

function sum(parts: readonly ScheduledPart[], key: "expectedMs" | "worstMs"): number {
  return parts.reduce((total, part) => total + part[key], 0);
}
