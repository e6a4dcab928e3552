import * as pulumi from "@pulumi/pulumi";
import type { ServicePlan } from "../model/environment-plan.js";
import type { EnvironmentSettings } from "../model/environment-settings.js";
import type { Release } from "../model/release.js";
import { BlueGreenService, type SecretLookup } from "./blue-green-service.js";
import { Notifications } from "./notifications.js";
import type { Platform } from "./platform.js";

/** Inputs of {@link Environment}. */
export interface EnvironmentArgs {
  readonly environment: EnvironmentSettings["environment"];
  readonly release: Release;
  readonly services: readonly ServicePlan[];
  readonly alarms: EnvironmentSettings["alarms"];
  readonly notifications: EnvironmentSettings["notifications"];
  readonly window: EnvironmentSettings["window"];
  readonly gates: EnvironmentSettings["gates"];
}

/** One environment of an application: its services, the database they share where one asks for it, and who is told. */
export class Environment extends pulumi.ComponentResource {
  /** Live slot and weights per service, as the platform confirmed them. A hint for people; decisions start from the platform. */
  readonly rollout: pulumi.Output<Record<string, { live: string; split: { blue: number; green: number } }>>;
  /** Addresses per service: production, and the fixed test route of each slot. */
  readonly endpoints: pulumi.Output<Record<string, { production: string; blue: string; green: string }>>;

  constructor(name: string, args: EnvironmentArgs, platform: Platform, secret: SecretLookup, opts: pulumi.ComponentResourceOptions = {}) {
    super("mission:index:Environment", name, { environment: args.environment, platform: platform.name, application: args.release.application, version: args.release.version }, opts);
    const { environment, release, alarms, window, gates } = args;
    const protect = environment === "production";
    const { targets } = new Notifications(`${name}-notifications`, { targets: args.notifications }, { parent: this });
    const wantsDatabase = args.services.some(({ specs }) => specs.blue?.database === true || specs.green?.database === true);
    const shared = platform.shared?.(name, { parent: this, protect }) ?? [];
    const dependsOn = [...shared, ...(wantsDatabase ? [platform.database(`${name}-database`, { parent: this, protect })] : [])];
    const splits = args.services.map((plan) => {
      const { trafficSplit } = new BlueGreenService(plan.service, { environment, release, plan, alarms, targets, window, gates }, { platform, secret, dependsOn }, { parent: this });
      return [plan.service, trafficSplit] as const;
    });
    this.rollout = pulumi.output(Object.fromEntries(splits.map(([service, { live, split }]) => [service, { live, split }])));
    this.endpoints = pulumi.output(Object.fromEntries(splits.map(([service, { endpoints }]) => [service, endpoints])));
    this.registerOutputs({ rollout: this.rollout, endpoints: this.endpoints });
  }
}
