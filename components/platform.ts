import type * as pulumi from "@pulumi/pulumi";
import type { Slot } from "../model/slot.js";
import type { SlotSpec } from "../model/slot-spec.js";
import type { Observed } from "../model/rollout.js";

/** Inputs of one slot's leaf resources. */
export interface PlatformSlotArgs {
  readonly service: string;
  readonly slot: Slot;
  readonly spec: SlotSpec | null;
  /** Instances now: the spec's size, or 0 when retired. */
  readonly instances: number;
  /** Names what the decision rests on; the platform refuses the write when it has changed. */
  readonly base: string;
  /** Values of the spec's secrets. */
  readonly secrets: pulumi.Input<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  /** A slot in use, or one that nobody asks to change: whatever is declared now, what is recorded of it stays. */
  readonly kept: boolean;
}

/** Inputs of the leaf that shares a service's traffic. */
export interface PlatformSplitArgs {
  readonly service: string;
  readonly live: Slot;
  readonly split: { readonly blue: number; readonly green: number };
  /** Digest of the SlotSpec that `restore` returns to. */
  readonly returnTo: string | null;
  readonly base: string;
  /** Nobody said anything of traffic: live slot and weights are left exactly as the state and the platform have them. */
  readonly kept: boolean;
}

/** Inputs of one alarm. */
export interface PlatformAlarmArgs {
  readonly service: string;
  readonly metric: "error-rate" | "latency-p95" | "availability";
  /** error-rate and availability: a share from 0 to 1; latency-p95: milliseconds. */
  readonly threshold: number;
  readonly windowMs: number;
  readonly targets: readonly NotificationTarget[];
}

export type NotificationTarget = { readonly type: "file"; readonly path: string } | { readonly type: "webhook"; readonly url: string };

/** What the split's leaf tells of itself, once it is written. */
export interface PlatformSplit {
  readonly resource: pulumi.Resource;
  readonly live: pulumi.Output<Slot>;
  readonly split: pulumi.Output<{ blue: number; green: number }>;
  readonly endpoints: pulumi.Output<{ production: string; blue: string; green: string }>;
}

/**
 * What a platform brings: how to look at what is really live, and the leaf resources. One implementation per folder
 * (`components/sandbox`, ...), loaded only when a stack uses it.
 */
export interface Platform {
  readonly name: string;
  /** What is really live, read from the platform itself. Changes nothing in a preview. */
  observe(): Promise<Observed>;
  /** What all services share, such as a network and a load balancer; before everything else. None by default. */
  shared?(name: string, opts: pulumi.CustomResourceOptions): readonly pulumi.Resource[];
  database(name: string, opts: pulumi.CustomResourceOptions): pulumi.Resource;
  slot(name: string, args: PlatformSlotArgs, opts: pulumi.CustomResourceOptions): pulumi.Resource;
  split(name: string, args: PlatformSplitArgs, opts: pulumi.CustomResourceOptions): PlatformSplit;
  alarm(name: string, args: PlatformAlarmArgs, opts: pulumi.CustomResourceOptions): pulumi.Resource;
  /** What sums up the alarms of a service; after them. None by default. */
  summary?(name: string, service: string, opts: pulumi.CustomResourceOptions): pulumi.Resource;
}
