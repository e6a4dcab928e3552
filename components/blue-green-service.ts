import * as pulumi from "@pulumi/pulumi";
import type { ServicePlan } from "../model/environment-plan.js";
import type { EnvironmentSettings } from "../model/environment-settings.js";
import type { Release, ReleasedService } from "../model/release.js";
import { SLOTS, type PerSlot, type Slot } from "../model/slot.js";
import { specDigest, type SecretReference, type SlotSpec } from "../model/slot-spec.js";
import { Alarms } from "./alarms.js";
import { HealthCheck } from "./health-check.js";
import type { NotificationTarget, Platform } from "./platform.js";
import { TrafficSplit } from "./traffic-split.js";

/** Inputs of {@link BlueGreenService}. All that a policy must judge is here, plain and known in a preview. */
export interface BlueGreenServiceArgs {
  readonly environment: EnvironmentSettings["environment"];
  readonly release: Release;
  readonly plan: ServicePlan;
  readonly alarms: EnvironmentSettings["alarms"];
  readonly targets: readonly NotificationTarget[];
  readonly window: EnvironmentSettings["window"];
  readonly gates: EnvironmentSettings["gates"];
}

/** Finds the value behind a reference. */
export type SecretLookup = (reference: SecretReference) => pulumi.Output<string> | undefined;

/** What a BlueGreenService needs besides its gated inputs. */
export interface BlueGreenServiceContext {
  readonly platform: Platform;
  /** Value of a referenced secret; undefined when the configuration holds another one by now. */
  readonly secret: SecretLookup;
  /** What both slots wait for, such as the database. */
  readonly dependsOn: readonly pulumi.Resource[];
}

/** One service: two slots, the split between them, its health check and its alarms. Children are named by role, never by weight or by which slot is live. */
export class BlueGreenService extends pulumi.ComponentResource {
  readonly trafficSplit: TrafficSplit;

  constructor(name: string, args: BlueGreenServiceArgs, context: BlueGreenServiceContext, opts: pulumi.ComponentResourceOptions = {}) {
    super("mission:index:BlueGreenService", name, gatedInputs(args, context.platform.name), opts);
    const { plan } = args;
    const protect = args.environment === "production";
    const slots = SLOTS.map((slot) => declareSlot(this, name, slot, plan, context, protect));
    const probed = plan.specs[plan.wanted.live];
    if (probed !== null) {
      new HealthCheck(`${name}-health`, { service: name, readiness: probed.readiness, liveness: probed.liveness }, { parent: this });
    }
    const { live, split, returnTo, base } = plan.wanted;
    this.trafficSplit = new TrafficSplit(
      `${name}-split`,
      { service: name, transition: plan.transition, mode: plan.mode, live, split: { blue: split.blue, green: split.green }, returnTo, base },
      context.platform,
      { parent: this, protect, dependsOn: slots },
    );
    new Alarms(`${name}-alarms`, { service: name, targets: args.targets, ...args.alarms }, context.platform, { parent: this, protect, dependsOn: this.trafficSplit });
    this.registerOutputs({ live: this.trafficSplit.live, split: this.trafficSplit.split, endpoints: this.trafficSplit.endpoints });
  }
}

function declareSlot(parent: pulumi.Resource, name: string, slot: Slot, plan: ServicePlan, context: BlueGreenServiceContext, protect: boolean): pulumi.Resource {
  const spec = plan.specs[slot];
  const inputs = {
    service: plan.service,
    slot,
    spec,
    instances: plan.wanted.slots[slot]?.instances ?? 0,
    base: plan.wanted.base,
    secrets: secretValues(spec, context),
    labels: spec === null ? {} : { application: spec.application, version: spec.version },
    kept: plan.left[slot],
  };
  return context.platform.slot(`${name}-${slot}`, inputs, { parent, protect, dependsOn: [...context.dependsOn] });
}

function secretValues(spec: SlotSpec | null, context: BlueGreenServiceContext): pulumi.Output<Record<string, string>> {
  const known = (spec?.secrets ?? []).flatMap((reference) => {
    const value = context.secret(reference);
    return value === undefined ? [] : [[reference.name, value] as const];
  });
  return pulumi.secret(pulumi.all(Object.fromEntries(known)));
}

function gatedInputs({ environment, release, plan, alarms, targets, window, gates }: BlueGreenServiceArgs, platform: string) {
  const specs: PerSlot<unknown> = { blue: describe(plan.specs.blue), green: describe(plan.specs.green) };
  const { application, version, commit, migrations } = release;
  const released = release.services[plan.service];
  return {
    environment,
    platform,
    application,
    service: plan.service,
    version,
    commit,
    mode: plan.mode,
    transition: plan.transition,
    previous: plain(plan.previous),
    wanted: plain(plan.wanted),
    specs,
    required: { variables: requiredVariables(released), secrets: released?.secrets ?? [] },
    migrations: migrations === null ? null : { service: migrations.service, class: migrations.class },
    alarms,
    targets,
    window: window ?? null,
    gates,
  };
}

/** Names of the variables that have no default, so the environment must give their value. */
function requiredVariables(released: ReleasedService | undefined): string[] {
  return Object.entries(released?.variables ?? {}).flatMap(([name, fallback]) => (fallback === null ? [name] : []));
}

/** Everything of a SlotSpec is plain (secrets by reference), so a policy sees all of it, and its digest. */
function describe(spec: SlotSpec | null): unknown {
  return spec === null ? null : { ...spec, specDigest: specDigest(spec) };
}

function plain(rollout: ServicePlan["previous"]): unknown {
  return rollout === undefined ? null : { ...rollout, split: { blue: rollout.split.blue, green: rollout.split.green } };
}
