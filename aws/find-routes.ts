import {
  DescribeListenersCommand,
  DescribeLoadBalancersCommand,
  DescribeRulesCommand,
  DescribeTagsCommand,
  DescribeTargetGroupsCommand,
  type DescribeListenersCommandOutput,
  type DescribeRulesCommandOutput,
  type LoadBalancer,
  type Rule,
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
  readonly live: Slot | null;
  readonly returnTo: string | null;
  readonly generation: number;
  /** Percent, sum 100. */
  readonly weights: PerSlot<number>;
  readonly targetGroups: PerSlot<string | null>;
  /** Seconds; null without stickiness. */
  readonly stickiness: number | null;
}

/** Elastic Load Balancing tells the tags of at most 20 resources at a time. */
const TAGS_AT_A_TIME = 20;

/** The users' rules of a stack, by service name. None where there is no load balancer yet. @throws AwsError */
export async function findRoutes(stack: string, settings: AwsSettings, clients: AwsClients): Promise<UsersRule[]> {
  const listener = settings.loadBalancer.listener ?? (await usersListener(stack, settings, clients));
  if (listener === null) return [];
  const rules = (await allRules(stack, listener, clients)).filter(({ IsDefault }) => IsDefault !== true);
  const tags = await tagsOf(stack, rules.flatMap(({ RuleArn }) => RuleArn ?? []), clients);
  const ours = rules.flatMap((rule) => {
    const own = tags.get(rule.RuleArn ?? "");
    return own?.get(TAG.stack) === stack && own.get(TAG.route) === "users" ? [{ rule, own }] : [];
  });
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
    const { TagDescriptions = [] } = await asking(`The tags of the listener rules of stack "${stack}"`, () => balancing.send(new DescribeTagsCommand({ ResourceArns: arns.slice(at, at + TAGS_AT_A_TIME) })));
    for (const { ResourceArn = "", Tags = [] } of TagDescriptions) found.set(ResourceArn, new Map(Tags.map(({ Key = "", Value = "" }) => [Key, Value])));
  }
  return found;
}

async function usersRule(stack: string, { RuleArn = "", Actions = [] }: Rule, tags: ReadonlyMap<string, string>, clients: AwsClients): Promise<UsersRule> {
  const service = tags.get(TAG.service) ?? "";
  const forward = Actions.find(({ Type }) => Type === "forward");
  const groups = forward?.ForwardConfig?.TargetGroups ?? (forward?.TargetGroupArn === undefined ? [] : [{ TargetGroupArn: forward.TargetGroupArn, Weight: 1 }]);
  const named = (slot: Slot) => groups.find(({ TargetGroupArn = "" }) => TargetGroupArn.split("/")[1] === targetGroupName(stack, service, slot));
  const strange = groups.filter((group) => group !== named("blue") && group !== named("green") && group.Weight !== 0);
  if (strange.length > 0) throw new AwsError("aws", `The rule of service "${service}" sends users to ${strange.map(({ TargetGroupArn = "" }) => TargetGroupArn.split("/")[1]).join(", ")}, which is neither of its slots: somebody else has changed it. Put its own target groups back.`);
  const live = tags.get(TAG.live);
  const returnTo = tags.get(TAG.returnTo);
  const sticky = forward?.ForwardConfig?.TargetGroupStickinessConfig;
  return {
    arn: RuleArn,
    service,
    live: live === "blue" || live === "green" ? live : null,
    returnTo: returnTo === undefined || returnTo === NONE ? null : returnTo,
    generation: Number(tags.get(TAG.generation) ?? 0) || 0,
    weights: percentages(service, named("blue")?.Weight ?? 0, named("green")?.Weight ?? 0),
    targetGroups: { blue: named("blue")?.TargetGroupArn ?? (await targetGroup(stack, service, "blue", clients)), green: named("green")?.TargetGroupArn ?? (await targetGroup(stack, service, "green", clients)) },
    stickiness: sticky?.Enabled === true ? (sticky.DurationSeconds ?? null) : null,
  };
}

/** Weights are shares of their sum, 0 to 999 each; ours always sum to 100, those of somebody else are rounded. */
function percentages(service: string, blue: number, green: number): PerSlot<number> {
  const sum = blue + green;
  if (sum === 0) throw new AwsError("aws", `The rule of service "${service}" gives no slot any weight, so users get errors: somebody else has changed it. Give the slot that was live weight 100 there, in the console or by the API.`);
  const share = Math.round((100 * blue) / sum);
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
