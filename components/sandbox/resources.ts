import * as pulumi from "@pulumi/pulumi";

/*
 * The leaf resources of the sandbox, as its provider plugin (sandbox/provider) knows them. `sandbox` is the name of the sandbox: the stack's.
 */

/** One slot of one service. */
export class SandboxSlot extends pulumi.CustomResource {
  constructor(name: string, args: Record<string, pulumi.Input<unknown>>, opts: pulumi.CustomResourceOptions) {
    super("sandbox:index:Slot", name, args, opts);
  }
}

/** The routes of a service, its live slot and its weights. */
export class SandboxTrafficSplit extends pulumi.CustomResource {
  declare readonly confirmed: pulumi.Output<{ live: "blue" | "green"; split: { blue: number; green: number } }>;
  declare readonly endpoints: pulumi.Output<{ production: string; blue: string; green: string }>;

  constructor(name: string, args: Record<string, pulumi.Input<unknown>>, opts: pulumi.CustomResourceOptions) {
    super("sandbox:index:TrafficSplit", name, { ...args, confirmed: undefined, endpoints: undefined }, opts);
  }
}

/** A limit on a metric of a service. */
export class SandboxAlarm extends pulumi.CustomResource {
  constructor(name: string, args: Record<string, pulumi.Input<unknown>>, opts: pulumi.CustomResourceOptions) {
    super("sandbox:index:Alarm", name, args, opts);
  }
}

/** The PostgreSQL server of the environment. */
export class SandboxDatabase extends pulumi.CustomResource {
  constructor(name: string, args: Record<string, pulumi.Input<unknown>>, opts: pulumi.CustomResourceOptions) {
    super("sandbox:index:Database", name, args, opts);
  }
}
