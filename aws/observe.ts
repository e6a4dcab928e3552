import { DescribeServicesCommand, DescribeTaskDefinitionCommand, type Service as EcsService } from "@aws-sdk/client-ecs";
import { DescribeTargetHealthCommand } from "@aws-sdk/client-elastic-load-balancing-v2";
import type { AwsSettings } from "../model/aws-settings.js";
import type { Observed, ObservedService, ObservedSlot } from "../model/rollout.js";
import { SLOTS, type PerSlot, type Slot } from "../model/slot.js";
import { slotSpecSchema, type SlotSpec } from "../model/slot-spec.js";
import { Split } from "../model/split.js";
import { AwsError, asking } from "./aws-error.js";
import { awsClients, type AwsClients } from "./clients.js";
import { slotName } from "./names.js";
import { findRoutes, type UsersRule } from "./find-routes.js";
import { SPEC_LABEL } from "./tags.js";

/** What AWS says of a stack. */
export interface AwsObservation {
  readonly services: Observed;
  /** Generation in the tags of each service's rule: what the next write to it must exceed. */
  readonly generations: Readonly<Record<string, number>>;
}

/** ECS describes at most ten services at a time. */
const AT_A_TIME = 10;

/**
 * Looks at AWS and changes nothing. Empty where nothing was ever deployed.
 * @throws AwsError
 */
export async function observeAws(stack: string, settings: AwsSettings, clients: AwsClients = awsClients(settings)): Promise<AwsObservation> {
  const rules = await findRoutes(stack, settings, clients);
  const names = rules.flatMap(({ service }) => SLOTS.map((slot) => slotName(stack, service, slot)));
  const running = await runningServices(stack, settings, clients, names);
  const services = await Promise.all(rules.map(async (rule) => [rule.service, await observeService(stack, rule, running, clients)] as const));
  return { services: Object.fromEntries(services), generations: Object.fromEntries(rules.map(({ service, generation }) => [service, generation])) };
}

async function runningServices(stack: string, settings: AwsSettings, { ecs }: AwsClients, names: readonly string[]): Promise<ReadonlyMap<string, EcsService>> {
  const found = new Map<string, EcsService>();
  for (let at = 0; at < names.length; at += AT_A_TIME) {
    const services = await asking(`The ECS services of stack "${stack}"`, () => describe(ecs, settings.cluster ?? stack, names.slice(at, at + AT_A_TIME)));
    for (const service of services) if (service.serviceName !== undefined && service.status !== "INACTIVE") found.set(service.serviceName, service);
  }
  return found;
}

async function describe(ecs: AwsClients["ecs"], cluster: string, services: string[]): Promise<readonly EcsService[]> {
  try {
    return (await ecs.send(new DescribeServicesCommand({ cluster, services }))).services ?? [];
  } catch (error) {
    // A first deployment that was cut off may have its load balancer and nothing else.
    if ((error as Error).name === "ClusterNotFoundException") return [];
    throw error;
  }
}

async function observeService(stack: string, rule: UsersRule, running: ReadonlyMap<string, EcsService>, clients: AwsClients): Promise<ObservedService> {
  const seen = await Promise.all(
    SLOTS.map(async (slot) => {
      const service = running.get(slotName(stack, rule.service, slot));
      return service === undefined ? null : observeSlot(rule, slot, service, clients);
    }),
  );
  const [blue, green] = seen;
  const revisions = seen.reduce((sum, each) => sum + (each?.revision ?? 0), 0);
  const slots: PerSlot<ObservedSlot | null> = { blue: blue?.held ?? null, green: green?.held ?? null };
  return { generation: rule.generation + revisions, live: rule.live, split: Split.of(rule.weights), returnTo: rule.returnTo, slots };
}

async function observeSlot(rule: UsersRule, slot: Slot, service: EcsService, { ecs, balancing }: AwsClients): Promise<{ readonly held: ObservedSlot; readonly revision: number }> {
  const what = `Service "${service.serviceName ?? ""}"`;
  const [{ taskDefinition }, healthy] = await Promise.all([
    asking(what, () => ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition: service.taskDefinition }))),
    healthyTargets(what, rule.targetGroups[slot], balancing),
  ]);
  const label = taskDefinition?.containerDefinitions?.flatMap(({ dockerLabels }) => dockerLabels?.[SPEC_LABEL] ?? [])[0];
  const spec = specOf(what, label);
  // Tasks of an earlier revision that are still there are healthy targets as well, and none of this one's.
  const others = (service.deployments ?? []).filter(({ status }) => status !== "PRIMARY").reduce((sum, { runningCount = 0 }) => sum + runningCount, 0);
  return { held: { spec, instances: service.desiredCount === 0 ? 0 : spec.size, ready: Math.max(0, healthy - others) }, revision: taskDefinition?.revision ?? 0 };
}

async function healthyTargets(what: string, targetGroup: string | null, balancing: AwsClients["balancing"]): Promise<number> {
  if (targetGroup === null) return 0;
  const { TargetHealthDescriptions = [] } = await asking(`${what}: its targets`, () => balancing.send(new DescribeTargetHealthCommand({ TargetGroupArn: targetGroup })));
  return TargetHealthDescriptions.filter(({ TargetHealth }) => TargetHealth?.State === "healthy").length;
}

function specOf(what: string, label: string | undefined): SlotSpec {
  const parsed = label === undefined ? undefined : slotSpecSchema.safeParse(parse(label));
  if (parsed?.success !== true) throw new AwsError("aws", `${what} runs a task definition without the label "${SPEC_LABEL}" that this program gives each: somebody else has deployed there. Bring back the revision before it.`);
  return parsed.data;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
