import * as lb from "@pulumi/aws/lb/index.js";
import * as pulumi from "@pulumi/pulumi";
import { NONE, TAG } from "../../aws/tags.js";
import { awsServiceSettings } from "../../model/aws-settings.js";
import { parseDuration } from "../../model/duration.js";
import type { PerSlot, Slot } from "../../model/slot.js";
import type { PlatformSplit, PlatformSplitArgs } from "../platform.js";
import { conditions, priorityOf } from "./routes.js";
import type { Shared } from "./shared.js";

/**
 * The rule by which users come to a service: one weighted forward to both target groups, blue first. Its tags say which slot is live.
 * @param generation of what is really there; it grows with each change of traffic
 */
export function awsSplit(name: string, args: PlatformSplitArgs, targetGroups: PerSlot<lb.TargetGroup>, generation: number, shared: Shared, opts: pulumi.CustomResourceOptions): PlatformSplit {
  const { service, live, split, returnTo, kept } = args;
  const { paths, stickiness } = awsServiceSettings(shared.settings, service);
  const rule = new lb.ListenerRule(
    name,
    {
      listenerArn: shared.balancer.users,
      priority: priorityOf(shared.settings, service),
      conditions: conditions(paths),
      actions: [
        {
          type: "forward",
          forward: {
            targetGroups: [
              { arn: targetGroups.blue.arn, weight: split.blue },
              { arn: targetGroups.green.arn, weight: split.green },
            ],
            ...(stickiness === null ? {} : { stickiness: { enabled: true, duration: Math.round(parseDuration(stickiness) / 1000) } }),
          },
        },
      ],
      tags: { [TAG.service]: service, [TAG.route]: "users", [TAG.live]: live, [TAG.returnTo]: returnTo ?? NONE, [TAG.generation]: String(generation) },
    },
    kept ? { ...opts, ignoreChanges: ["actions", "tags"] } : opts,
  );
  return {
    resource: rule,
    live: rule.tags.apply((tags) => (tags?.[TAG.live] ?? live) as Slot),
    // The provider hands the target groups back in an order of its own.
    split: pulumi.all([rule.actions, targetGroups.blue.arn, targetGroups.green.arn]).apply(([actions, blue, green]) => {
      const weight = (arn: string) => actions[0]?.forward?.targetGroups.find((group) => group.arn === arn)?.weight ?? 0;
      return { blue: weight(blue), green: weight(green) };
    }),
    endpoints: shared.endpoints(service),
  };
}
