import * as pulumi from "@pulumi/pulumi";
import { parseDuration } from "../model/duration.js";
import type { EnvironmentSettings } from "../model/environment-settings.js";
import type { NotificationTarget, Platform } from "./platform.js";

/** Inputs of {@link Alarms}. */
export interface AlarmsArgs extends Readonly<EnvironmentSettings["alarms"]> {
  readonly service: string;
  readonly targets: readonly NotificationTarget[];
}

/** The three alarms of a service: error rate, latency, availability. */
export class Alarms extends pulumi.ComponentResource {
  /** Names of the alarms, as the platform knows them. */
  readonly names: readonly string[];

  constructor(name: string, args: AlarmsArgs, platform: Platform, opts: pulumi.ComponentResourceOptions = {}) {
    super("mission:index:Alarms", name, args, opts);
    const windowMs = parseDuration(args.window);
    const limits = [
      { metric: "error-rate", threshold: share(args.errorRate) },
      { metric: "latency-p95", threshold: parseDuration(args.latencyP95) },
      { metric: "availability", threshold: share(args.availability) },
    ] as const;
    this.names = limits.map(({ metric, threshold }) => {
      const alarm = `${args.service}-${metric}`;
      platform.alarm(alarm, { service: args.service, metric, threshold, windowMs, targets: args.targets }, { parent: this, ...protection(opts) });
      return alarm;
    });
    platform.summary?.(`${args.service}-rollback`, args.service, { parent: this, ...protection(opts) });
    this.registerOutputs({ names: this.names });
  }
}

/** `5%` is 0.05. */
function share(percentage: string): number {
  return Number(percentage.slice(0, -1)) / 100;
}

function protection(opts: pulumi.ComponentResourceOptions): { protect?: boolean } {
  return opts.protect === undefined ? {} : { protect: opts.protect };
}
