import type * as cloudwatch from "@pulumi/aws/cloudwatch/index.js";
import type * as lb from "@pulumi/aws/lb/index.js";
import * as pulumi from "@pulumi/pulumi";
import { observeAws, type AwsObservation } from "../../aws/observe.js";
import type { AwsSettings } from "../../model/aws-settings.js";
import type { EnvironmentSettings } from "../../model/environment-settings.js";
import { ABSENT } from "../../model/rollout.js";
import type { PerSlot, Slot } from "../../model/slot.js";
import type { Platform } from "../platform.js";
import { awsAlarm, rollbackAlarm } from "./alarms.js";
import { commonTags } from "./common-tags.js";
import { dashboard } from "./dashboard.js";
import { awsProvider } from "./provider.js";
import { shared, type Shared } from "./shared.js";
import { awsSlot, type SlotResources } from "./slot.js";
import { awsSplit } from "./split.js";

/**
 * ECS behind an Application Load Balancer; see docs/decisions/0012-aws.md.
 * @param observe how to look at AWS; another one for tests
 */
export function awsPlatform(stack: string, environment: EnvironmentSettings, settings: AwsSettings, observe: () => Promise<AwsObservation> = () => observeAws(stack, settings)): Platform {
  let seen: AwsObservation = { services: {}, generations: {} };
  let all: Shared | undefined;
  const slots = new Map<string, SlotResources>();
  const alarms = new Map<string, cloudwatch.MetricAlarm[]>();
  const provider = awsProvider("aws", settings);
  const tagged = commonTags(settings, { application: environment.release?.application ?? stack, environment: environment.environment, stack });
  const on = <T extends pulumi.CustomResourceOptions>(opts: T): T => ({ ...opts, provider, transformations: [...(opts.transformations ?? []), tagged] });
  const ground = (): Shared => {
    if (all === undefined) throw new Error("The shared resources come first.");
    return all;
  };
  const groups = (service: string): PerSlot<lb.TargetGroup> => {
    const of = (slot: Slot) => {
      const made = slots.get(`${service}/${slot}`);
      if (made === undefined) throw new Error(`Slot "${slot}" of "${service}" comes before what refers to it.`);
      return made.targetGroup;
    };
    return { blue: of("blue"), green: of("green") };
  };
  return {
    name: "aws",
    async observe() {
      seen = await observe();
      return seen.services;
    },
    shared(name, opts) {
      all = shared(name, stack, environment, settings, on(opts));
      return all.resources;
    },
    database() {
      throw new Error("AWS has no database of the environment; the settings' rules refuse it.");
    },
    slot(name, args, opts) {
      const made = awsSlot(name, args, ground(), on(opts));
      slots.set(`${args.service}/${args.slot}`, made);
      return made.last;
    },
    split(name, args, opts) {
      const now = seen.services[args.service] ?? ABSENT;
      const known = seen.generations[args.service] ?? 0;
      const moves = now.live !== args.live || now.returnTo !== args.returnTo || now.split?.equals(args.split) !== true;
      return awsSplit(name, args, groups(args.service), moves ? known + 1 : known, ground(), on(opts));
    },
    alarm(name, args, opts) {
      const made = awsAlarm(name, args, groups(args.service), ground(), on(opts));
      alarms.set(args.service, [...(alarms.get(args.service) ?? []), ...made]);
      return made[0] as pulumi.Resource;
    },
    summary(name, service, opts) {
      dashboard(`${service}-dashboard`, service, groups(service), ground(), on(opts));
      return rollbackAlarm(name, service, alarms.get(service) ?? [], ground(), on(opts));
    },
  };
}
