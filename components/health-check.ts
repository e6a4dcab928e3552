import * as pulumi from "@pulumi/pulumi";
import type { Probe } from "../model/probe.js";

/** Inputs of {@link HealthCheck}. */
export interface HealthCheckArgs {
  readonly service: string;
  /** When an instance may get traffic. */
  readonly readiness: Probe;
  /** When an instance must be restarted; null: only when it exits. */
  readonly liveness: Probe | null;
}

/** How the instances of a service are asked whether they are well. The platform runs the probes; this declares them where policies see them. */
export class HealthCheck extends pulumi.ComponentResource {
  readonly readiness: Probe;
  readonly liveness: Probe | null;

  constructor(name: string, args: HealthCheckArgs, opts: pulumi.ComponentResourceOptions = {}) {
    super("mission:index:HealthCheck", name, args, opts);
    this.readiness = args.readiness;
    this.liveness = args.liveness;
    this.registerOutputs({ readiness: this.readiness, liveness: this.liveness });
  }
}
