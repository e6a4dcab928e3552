import { digestOf } from "../../model/digest.js";
import type { Release } from "../../model/release.js";
import { ABSENT, type Observed } from "../../model/rollout.js";
import { Split } from "../../model/split.js";
import { slotSpec } from "../../model/slot-spec.js";
import { stackSettingsIn } from "../engine/read-stack-settings.js";
import { trackedStackFile, type StackOrigin } from "../engine/stack-file.js";
import { configurationComplete } from "../gates/configuration-complete.js";
import { differences, type ConfiguredEnvironment } from "../gates/configuration-differences.js";
import { readSubject, type SubjectOptions } from "../mission/read-subject.js";
import type { MissionEnvironment, MissionSubject } from "../mission/subject.js";
import type { PlannedGate } from "../plan/gate-list.js";
import { makePlan } from "../plan/make-plan.js";
import type { PlanInputs } from "../plan/plan-inputs.js";
import { releaseOf } from "../release/build-release.js";
import type { PullRequestPreview } from "./pull-request-preview.js";

/** Gates that look at what is deployed, and what they ask. */
const ON_WHAT_IS_DEPLOYED: Readonly<Record<string, string>> = {
  "no-freeze": "No freeze and no hold on either stack.",
  "transition-possible": "A slot is free for the release.",
  "rollback-target-recorded": "What production returns to is recorded and alive.",
  "preview-succeeded": "The engine can work out what changes.",
};
const WITH_ACCESS = { by: "a preview with access to both stacks, and by the mission", when: "in phase plan, before anything is deployed" };
const EVERYTHING = { weights: "any", slotRoutes: true, database: true, metricsGrainMs: 1_000, engineRemembersTraffic: false } as const;
const FREE = { freeze: null, hold: null };

/** What can be said of a release by its description and the tracked files of both stacks. Runs and asks nothing, and writes nothing. */
export async function modelPreview(codebase: string, options: SubjectOptions, why: string, now = Date.now()): Promise<PullRequestPreview> {
  return previewOfModel(await readSubject(codebase, options, readTracked), configured, why, now);
}

/**
 * The same, of what was read. The plan is made as if an earlier release of the same services served in both environments, so that there are steps to plan.
 * @param configuredAs an environment with what is known of its secrets
 */
export function previewOfModel(subject: MissionSubject, configuredAs: (environment: MissionEnvironment) => ConfiguredEnvironment, why: string, now: number): PullRequestPreview {
  const release = unbuilt(subject, subject.version);
  const earlier = unbuilt(subject, "0.0.0-earlier");
  const environments = [configuredAs(subject.staging), configuredAs(subject.production)] as const;
  const inputs: PlanInputs = {
    subject: { ...subject, release },
    observed: { staging: serving(earlier, subject.staging), production: serving(earlier, subject.production) },
    capabilities: { staging: EVERYTHING, production: EVERYTHING },
    standing: { staging: FREE, production: FREE },
    now,
    pause: subject.pause,
    gates: [configurationComplete({ release, environments })],
  };
  const plan = makePlan(inputs);
  return { plan: { ...plan, gates: withoutAccess(plan.gates) }, policies: null, differences: differences(release, ...environments), modelOnly: why };
}

/** What was judged by an assumption is not judged. */
function withoutAccess(gates: readonly PlannedGate[]): PlannedGate[] {
  const judged = gates.filter(({ gate }) => ON_WHAT_IS_DEPLOYED[gate] === undefined);
  return [...judged, ...Object.entries(ON_WHAT_IS_DEPLOYED).map(([gate, summary]): PlannedGate => ({ gate, state: "PENDING", summary, details: [], later: WITH_ACCESS }))];
}

/** A release that nobody built; digests that stand for nothing. */
function unbuilt({ application }: MissionSubject, version: string): Release {
  return releaseOf(application, version, null, new Map(Object.keys(application.services).map((service) => [service, digestOf(`${service} ${version}, not built`)])));
}

function serving(release: Release, { settings: { variables, instances } }: MissionEnvironment): Observed {
  const secrets = [...new Set(Object.values(release.services).flatMap((service) => service.secrets))].map((name) => ({ name, keyedDigest: "not known" }));
  const held = (service: string) => ({ spec: slotSpec(release, service, { variables, secrets, size: instances }), instances, ready: instances });
  return Object.fromEntries(Object.keys(release.services).map((service) => [service, { ...ABSENT, generation: 1, live: "blue", split: Split.all("blue"), slots: { blue: held(service), green: null } }]));
}

function readTracked(origin: StackOrigin) {
  return stackSettingsIn(trackedStackFile(origin), `Pulumi.${origin.stack}.yaml`);
}

/** Secrets that the tracked file does not hold may be set elsewhere: nothing is said of them. One that stands there readable is a mistake. */
function configured({ environment, stack, settings }: MissionEnvironment): ConfiguredEnvironment {
  const { secrets } = readTracked({ environment, stack });
  const known = (state: "encrypted" | "plain" | "missing") => (state === "missing" ? "encrypted" : state);
  return { environment, stack, settings, secrets: { state: (name) => known(secrets.state(name)), digestKey: known(secrets.digestKey) } };
}
