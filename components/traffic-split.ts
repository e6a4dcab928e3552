import * as pulumi from "@pulumi/pulumi";
import type { Slot } from "../model/slot.js";
import type { Transition } from "../model/transition.js";
import type { Platform } from "./platform.js";

/** Inputs of {@link TrafficSplit}; all plain, so that a policy can judge them. */
export interface TrafficSplitArgs {
  readonly service: string;
  readonly transition: Transition;
  /** `keep`: whatever the platform has stays. */
  readonly mode: "keep" | "rollout";
  readonly live: Slot;
  readonly split: { readonly blue: number; readonly green: number };
  readonly returnTo: string | null;
  readonly base: string;
}

/** How a service's traffic is shared between its slots. */
export class TrafficSplit extends pulumi.ComponentResource {
  /** As the leaf itself reports after it was written, never as it was merely wanted. */
  readonly live: pulumi.Output<Slot>;
  readonly split: pulumi.Output<{ blue: number; green: number }>;
  readonly endpoints: pulumi.Output<{ production: string; blue: string; green: string }>;

  constructor(name: string, args: TrafficSplitArgs, platform: Platform, opts: pulumi.ComponentResourceOptions = {}) {
    super("mission:index:TrafficSplit", name, args, opts);
    const { service, live, split, returnTo, base } = args;
    const leaf = platform.split(
      name,
      { service, live, split, returnTo, base, kept: args.mode === "keep" && args.transition !== "bootstrap" },
      {
        parent: this,
        ...(opts.protect === undefined ? {} : { protect: opts.protect }),
        ...(opts.dependsOn === undefined ? {} : { dependsOn: opts.dependsOn }),
      },
    );
    this.live = leaf.live;
    this.split = leaf.split;
    this.endpoints = leaf.endpoints;
    this.registerOutputs({ live: this.live, split: this.split, endpoints: this.endpoints });
  }
}
