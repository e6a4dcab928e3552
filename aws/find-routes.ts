import {
  DescribeListenersCommand,
  DescribeLoadBalancersCommand,
  DescribeRulesCommand,
  DescribeTagsCommand,
  DescribeTargetGroupsCommand,
  type Action,
  type DescribeListenersCommandOutput,
  type DescribeRulesCommandOutput,
  type LoadBalancer,
  type Rule,
  type TargetGroupTuple,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import type { AwsSettings } from "../model/aws-settings.js";
import type { PerSlot, Slot } from "../model/slot.js";
import { AwsError, asking } from "./aws-error.js";
import type { AwsClients } from "./clients.js";
import { loadBalancerName, targetGroupName } from "./names.js";
import { NONE, TAG } from "./tags.js";

/** The rule by which users come to a service, as it is now. */
export interface UsersRule {
  readonly arn: string;
  readonly service: string;
  readonly live: Slot;
  readonly returnTo: string | null;
  readonly generation: number;
  /** Percent, sum 100; 0 only for a slot that gets nothing. */
  readonly weights: PerSlot<number>;
  readonly targetGroups: PerSlot<string | null>;
  /** Seconds; null without stickiness. */
  readonly stickiness: number | null;
}

/** Elastic Load Balancing tells the tags of at most 20 resources at a time. */
const TAGS_AT_A_TIME = 20;

/** What the tags of a users' rule may be. */
const TAG_VALUES = { [TAG.service]: /./, [TAG.route]: /^users$/, [TAG.live]: /^(blue|green)$/, [TAG.returnTo]: /./, [TAG.generation]: /^\d{1,15}$/ } as const;

/** The users' rules of a stack, by service name. None where there is no load balancer yet. @throws AwsError */
export async function findRoutes(stack: string, settings: AwsSettings, clients: AwsClients): Promise<UsersRule[]> {
  const listener = settings.loadBalancer.listener ?? (await usersListener(stack, settings, clients));
  if (listener === null) return [];
  const rules = (await allRules(stack, listener, clients)).filter(({ IsDefault }) => IsDefault !== true);
  const tags = await tagsOf(stack, rules.flatMap(({ RuleArn }) => RuleArn ?? []), clients);
  const ours = rules.flatMap((rule) => {
    const own = tags.get(rule.RuleArn ?? "");
    return own?.get(TAG.stack) === stack ? [{ rule, own }] : [];
  });
  await refuseUntagged(stack, rules.filter(({ RuleArn = "" }) => tags.get(RuleArn)?.has(TAG.stack) !== true), clients);
  const found = await Promise.all(ours.map(({ rule, own }) => usersRule(stack, rule, own, clients)));
  return found.sort((a, b) => (a.service < b.service ? -1 : 1));
}

/** The load balancer of a stack; null where there is none. */
export async function findBalancer(stack: string, settings: AwsSettings, { balancing }: AwsClients): Promise<LoadBalancer | null> {
  const by = settings.loadBalancer.arn === undefined ? { Names: [loadBalancerName(stack)] } : { LoadBalancerArns: [settings.loadBalancer.arn] };
  return asking(`The load balancer of stack "${stack}"`, async () => {
    try {
      const { LoadBalancers = [] } = await balancing.send(new DescribeLoadBalancersCommand(by));
      return LoadBalancers[0] ?? null;
    } catch (error) {
      if ((error as Error).name === "LoadBalancerNotFoundException") return null;
      throw error;
    }
  });
}

async function usersListener(stack: string, settings: AwsSettings, clients: AwsClients): Promise<string | null> {
  const balancer = await findBalancer(stack, settings, clients);
  if (balancer?.LoadBalancerArn === undefined) return null;
  const port = settings.domain === undefined ? 80 : 443;
  let Marker: string | undefined;
  do {
    const page: DescribeListenersCommandOutput = await asking(`The listeners of stack "${stack}"`, () => clients.balancing.send(new DescribeListenersCommand({ LoadBalancerArn: balancer.LoadBalancerArn, ...(Marker === undefined ? {} : { Marker }) })));
    const found = (page.Listeners ?? []).find((listener) => listener.Port === port);
    if (found?.ListenerArn !== undefined) return found.ListenerArn;
    Marker = page.NextMarker;
  } while (Marker !== undefined && Marker !== "");
  return null;
}

async function allRules(stack: string, listener: string, { balancing }: AwsClients): Promise<Rule[]> {
  const rules: Rule[] = [];
  let Marker: string | undefined;
  do {
    const page: DescribeRulesCommandOutput = await asking(`The listener rules of stack "${stack}"`, () => balancing.send(new DescribeRulesCommand({ ListenerArn: listener, ...(Marker === undefined ? {} : { Marker }) })));
    rules.push(...(page.Rules ?? []));
    Marker = page.NextMarker;
  } while (Marker !== undefined && Marker !== "");
  return rules;
}

async function tagsOf(stack: string, arns: readonly string[], { balancing }: AwsClients): Promise<ReadonlyMap<string, ReadonlyMap<string, string>>> {
  const found = new Map<string, ReadonlyMap<string, string>>();
  for (let at = 0; at < arns.length; at += TAGS_AT_A_TIME) {
    const { TagDescriptions = [] } = await asking(`The tags on the load balancer of stack "${stack}"`, () => balancing.send(new DescribeTagsCommand({ ResourceArns: arns.slice(at, at + TAGS_AT_A_TIME) })));
    for (const { ResourceArn = "", Tags = [] } of TagDescriptions) found.set(ResourceArn, new Map(Tags.map(({ Key = "", Value = "" }) => [Key, Value])));
  }
  return found;
}

/** A rule that has lost its tags would look like a service that was never deployed, and the next `up` like its first. @throws AwsError for a rule that leads to a slot of this stack */
async function refuseUntagged(stack: string, rules: readonly Rule[], clients: AwsClients): Promise<void> {
  const groups = [...new Set(rules.flatMap(({ Actions = [] }) => groupsOf(Actions)).flatMap(({ TargetGroupArn }) => TargetGroupArn ?? []))];
  const tags = await tagsOf(stack, groups, clients);
  for (const own of tags.values()) if (own.get(TAG.stack) === stack) throw tagsChanged(stack, own.get(TAG.service) ?? "?", `no tag "${TAG.stack}"`);
}

function tagsChanged(stack: string, service: string, seen: string): AwsError {
  return new AwsError(
    "aws",
    `The rule of service "${service}" has ${seen}, so nothing says which slot is live: somebody else has changed its tags. Put them back: ${TAG.stack} is ${stack}, ${TAG.service} its name, ${TAG.route} users, ${TAG.live} blue or green, ${TAG.returnTo} ${NONE}, ${TAG.generation} a number greater than ever before.`,
  );
}

/** Where a rule sends requests. */
function groupsOf(actions: readonly Action[]): readonly TargetGroupTuple[] {
  const forward = actions.find(({ Type }) => Type === "forward");
  return forward?.ForwardConfig?.TargetGroups ?? (forward?.TargetGroupArn === undefined ? [] : [{ TargetGroupArn: forward.TargetGroupArn }]);
}

async function usersRule(stack: string, { RuleArn = "", Actions = [] }: Rule, tags: ReadonlyMap<string, string>, clients: AwsClients): Promise<UsersRule> {
  const service = tags.get(TAG.service) ?? "?";
  for (const tag of [TAG.service, TAG.route, TAG.live, TAG.returnTo, TAG.generation]) if (!TAG_VALUES[tag].test(tags.get(tag) ?? "")) throw tagsChanged(stack, service, tags.has(tag) ? `tag "${tag}" with value "${tags.get(tag) ?? ""}"` : `no tag "${tag}"`);
  const groups = groupsOf(Actions);
  const named = (slot: Slot) => groups.find(({ TargetGroupArn = "" }) => TargetGroupArn.split("/")[1] === targetGroupName(stack, service, slot));
  const strange = groups.filter((group) => group !== named("blue") && group !== named("green") && group.Weight !== 0);
  if (strange.length > 0) throw new AwsError("aws", `The rule of service "${service}" sends users to ${strange.map(({ TargetGroupArn = "" }) => TargetGroupArn.split("/")[1]).join(", ")}, which is neither of its slots: somebody else has changed it. Put its own target groups back.`);
  const returnTo = tags.get(TAG.returnTo) ?? NONE;
  const sticky = Actions.find(({ Type }) => Type === "forward")?.ForwardConfig?.TargetGroupStickinessConfig;
  return {
    arn: RuleArn,
    service,
    live: tags.get(TAG.live) === "green" ? "green" : "blue",
    returnTo: returnTo === NONE ? null : returnTo,
    generation: Number(tags.get(TAG.generation)),
    weights: percentages(service, weightOf(named("blue")), weightOf(named("green"))),
    targetGroups: { blue: named("blue")?.TargetGroupArn ?? (await targetGroup(stack, service, "blue", clients)), green: named("green")?.TargetGroupArn ?? (await targetGroup(stack, service, "green", clients)) },
    stickiness: sticky?.Enabled === true ? (sticky.DurationSeconds ?? null) : null,
  };
}

/** A target group that stands alone needs no weight, and gets everything. */
function weightOf(group: TargetGroupTuple | undefined): number {
  return group === undefined ? 0 : (group.Weight ?? 1);
}

/**
 * Weights are shares of their sum, 0 to 999 each. Ours always sum to 100; those of somebody else are rounded, but a slot that gets any request at all is never called free:
 * a free slot is changed without asking. They are no reason to describe nothing, because then nobody could take traffic back.
 */
function percentages(service: string, blue: number, green: number): PerSlot<number> {
  const sum = blue + green;
  if (sum === 0) throw new AwsError("aws", `The rule of service "${service}" gives no slot any weight, so users get errors: somebody else has changed it. Give the slot that was live weight 100 there, in the console or by the API.`);
  const share = blue === 0 || green === 0 ? (blue === 0 ? 0 : 100) : Math.min(99, Math.max(1, Math.round((100 * blue) / sum)));
  return { blue: share, green: 100 - share };
}

async function targetGroup(stack: string, service: string, slot: Slot, { balancing }: AwsClients): Promise<string | null> {
  return asking(`The target groups of service "${service}"`, async () => {
    try {
      const { TargetGroups = [] } = await balancing.send(new DescribeTargetGroupsCommand({ Names: [targetGroupName(stack, service, slot)] }));
      return TargetGroups[0]?.TargetGroupArn ?? null;
    } catch (error) {
      if ((error as Error).name === "TargetGroupNotFoundException") return null;
      throw error;
    }
  });
}
