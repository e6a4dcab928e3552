import { digestOf, digestOfValue } from "../../model/digest.js";
import type { LimitSettings } from "../../model/limits.js";
import type { Migrations } from "../../model/migrations.js";
import type { Strategy } from "../../model/strategy.js";
import { timingOf, type Timing } from "../../model/timing.js";
import type { WindowSettings } from "../../model/window-settings.js";
import { probeInWords } from "../gates/monitoring-configured.js";
import type { EnvironmentName, Hotfix } from "../mission/subject.js";
import { lacking, possibleSteps } from "./capabilities.js";
import { ENVIRONMENTS, type PlanInputs } from "./plan-inputs.js";
import { planServices, type PlannedService } from "./service-plan.js";
import { targetsOf, type Target } from "./told.js";

/** What is decided of one environment. */
export interface DecidedEnvironment {
  readonly environment: EnvironmentName;
  readonly stack: string;
  readonly platform: string;
  readonly instances: number;
  readonly services: readonly PlannedService[];
  readonly refusals: readonly string[];
  readonly timing: Timing;
  readonly keepWarm: string;
  readonly progressDeadline: string;
  readonly limits: LimitSettings;
  readonly monitoring: {
    readonly health: readonly { readonly service: string; readonly readiness: string; readonly liveness: string | null }[];
    readonly alarms: { readonly errorRate: string; readonly latencyP95: string; readonly availability: string; readonly window: string };
    readonly targets: readonly Target[];
  };
  /** What the platform lacks, and what is done instead. */
  readonly lacking: readonly string[];
}

/** What a mission is going to do. Neither the time of day nor what flaps is in it, so that the same decision has the same digest. */
export interface DecidedPlan {
  readonly application: string;
  readonly version: string;
  readonly commit: string | null;
  /** Digests of the artifacts by service. */
  readonly artifacts: Readonly<Record<string, string>>;
  readonly strategy: Strategy;
  readonly pause: boolean;
  readonly environments: readonly DecidedEnvironment[];
  readonly window: WindowSettings | null;
  readonly migrations: Pick<Migrations, "service" | "class"> | null;
  readonly hotfix: Hotfix | null;
  /** Digest of the release notes. */
  readonly notes: string | null;
  readonly confirmed: readonly string[];
  readonly waived: Readonly<Record<string, string>>;
  /** Digest of the policy pack that judges every change of the mission; null where none could be run, and then nothing is deployed. */
  readonly policies: { readonly pack: string | null };
}

/** Decides. Pure: the same inputs give the same plan, whatever `now` is. */
export function decide({ subject, observed, capabilities, pause = false, preview }: PlanInputs): DecidedPlan {
  const { release, strategy, production, hotfix, notes, confirmed, waived } = subject;
  const { migrations } = release;
  return {
    application: release.application,
    version: release.version,
    commit: release.commit,
    artifacts: Object.fromEntries(Object.entries(release.services).map(([service, { digest }]) => [service, digest])),
    strategy: { name: strategy.name, steps: possibleSteps(strategy.steps, capabilities.production) },
    pause,
    environments: ENVIRONMENTS.map((environment) => {
      const { stack, settings } = subject[environment];
      return {
        environment,
        stack,
        platform: settings.platform,
        instances: settings.instances,
        ...planServices(subject[environment], release, observed[environment]),
        timing: timingOf(settings),
        keepWarm: settings.keepWarm,
        progressDeadline: settings.progressDeadline,
        limits: settings.limits,
        monitoring: {
          health: Object.entries(release.services).map(([service, { readiness, liveness }]) => ({ service, readiness: probeInWords(readiness), liveness: liveness === null ? null : probeInWords(liveness) })),
          alarms: settings.alarms,
          targets: targetsOf(settings),
        },
        lacking: lacking(capabilities[environment], release),
      };
    }),
    window: production.settings.window ?? null,
    migrations: migrations === null ? null : { service: migrations.service, class: migrations.class },
    hotfix,
    notes: notes === null ? null : digestOf(notes),
    confirmed,
    waived,
    policies: { pack: preview?.production.policies?.pack ?? null },
  };
}

/** Names a plan: what later raises, and approvals, refer to. */
export function planDigest(plan: DecidedPlan | { readonly decided: DecidedPlan }): string {
  return digestOfValue("decided" in plan ? plan.decided : plan);
}
