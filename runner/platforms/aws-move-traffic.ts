import { AddTagsCommand, DescribeTargetHealthCommand, ModifyRuleCommand, type Tag } from "@aws-sdk/client-elastic-load-balancing-v2";
import { AwsError, asking } from "../../aws/aws-error.js";
import type { AwsClients } from "../../aws/clients.js";
import { findRoutes, type UsersRule } from "../../aws/find-routes.js";
import { observeAws } from "../../aws/observe.js";
import { NONE, TAG } from "../../aws/tags.js";
import type { AwsSettings } from "../../model/aws-settings.js";
import { ABSENT, baseOf } from "../../model/rollout.js";
import { SLOTS, type PerSlot, type Slot } from "../../model/slot.js";
import type { Split } from "../../model/split.js";
import { PlatformRefusal } from "./adapter.js";
import { refusing } from "./aws-refusing.js";

/** Whose traffic. */
export interface MovedService {
  readonly stack: string;
  readonly settings: AwsSettings;
  readonly clients: AwsClients;
  readonly service: string;
}

/** What is wanted of its rule. */
interface Wanted {
  readonly live: Slot;
  readonly split: Split;
  readonly returnTo: string | null;
}

/**
 * Pauses between looks after a write, milliseconds, 6 s in all. An answer may be older than the write, and AWS promises no bound; whoever takes traffic back
 * must not wait much longer to hear that it is not certain.
 */
const LOOKS_MS = [100, 200, 400, 800, 1_500, 3_000];

/**
 * Changes the weights of a service, and the slot recorded live, and reads back until AWS shows it.
 * @throws PlatformRefusal when nothing was moved, or AWS accepted the weights and goes on reporting others (`not-applied`)
 * @throws AwsError when no answer says whether something was moved, or only a part was; whoever wants it moved looks again
 */
export async function moveTraffic(moved: MovedService, change: { readonly live: Slot; readonly split: Split }, base: string): Promise<void> {
  const { stack, settings, clients, service } = moved;
  const { rule, wanted } = await refusing(async () => {
    const { services, generations } = await observeAws(stack, settings, clients);
    const observed = services[service] ?? ABSENT;
    if (baseOf(observed) !== base) throw late(service);
    const found = await ruleOf(moved);
    if (found === undefined) throw new PlatformRefusal("absent", `Service "${service}" has no listener rule in stack "${stack}".`);
    await refuseUnready(service, found, change.split, clients);
    // Looking took a while: what is written must rest on what is there now.
    const now = await ruleOf(moved);
    if (now === undefined || now.generation !== generations[service] || now.live !== observed.live || observed.split === null || SLOTS.some((slot) => now.weights[slot] !== observed.split?.of(slot))) throw late(service);
    return { rule: now, wanted: { ...change, returnTo: observed.live === change.live ? observed.returnTo : null } };
  });
  await write(service, rule, wanted, clients);
  await readBack(moved, rule.generation + 1, wanted);
}

function late(service: string): PlatformRefusal {
  return new PlatformRefusal("base", `Service "${service}" is no longer as it was when this was decided; look again and decide anew.`);
}

async function ruleOf({ stack, settings, clients, service }: MovedService): Promise<UsersRule | undefined> {
  return (await findRoutes(stack, settings, clients)).find((each) => each.service === service);
}

/** Weight for a slot that nobody answers in is refused; less than before is always allowed. */
async function refuseUnready(service: string, rule: UsersRule, split: Split, { balancing }: AwsClients): Promise<void> {
  for (const slot of SLOTS) {
    if (split.of(slot) <= rule.weights[slot]) continue;
    const group = rule.targetGroups[slot];
    const health = group === null ? [] : ((await asking(`The targets of service "${service}" in ${slot}`, () => balancing.send(new DescribeTargetHealthCommand({ TargetGroupArn: group })))).TargetHealthDescriptions ?? []);
    if (health.some(({ TargetHealth }) => TargetHealth?.State === "healthy")) continue;
    throw new PlatformRefusal("not-ready", `Service "${service}": slot "${slot}" has no healthy target, so it gets no more traffic.`);
  }
}

/** Weights first, then the tags; on the way there and on the way back a reader in between sees a state that is allowed. */
async function write(service: string, rule: UsersRule, { live, split, returnTo }: Wanted, { balancing }: AwsClients): Promise<void> {
  const { blue, green } = rule.targetGroups;
  if (blue === null || green === null) throw new PlatformRefusal("absent", `Service "${service}" lacks the target group of a slot; bring it back by: ./mission pulumi up`);
  const what = `The listener rule of service "${service}"`;
  const tag = (Tags: Tag[]) => asking(what, () => balancing.send(new AddTagsCommand({ ResourceArns: [rule.arn], Tags })));
  // The generation changes alone and first, so that of two writers who saw the same the later one sees that it is late. No user notices it.
  await refusing(() => tag([{ Key: TAG.generation, Value: String(rule.generation + 1) }]));
  try {
    await asking(what, () => balancing.send(new ModifyRuleCommand({ RuleArn: rule.arn, Actions: [forward({ blue, green }, split, rule.stickiness)] })));
  } catch (error) {
    if (error instanceof AwsError && error.refused) throw new PlatformRefusal(error.code, error.message);
    throw error;
  }
  // Where to return to changes only with the slot that is live.
  if (live !== rule.live) await tag([{ Key: TAG.live, Value: live }, { Key: TAG.returnTo, Value: returnTo ?? NONE }]);
}

function forward(groups: PerSlot<string>, split: Split, stickiness: number | null) {
  return {
    Type: "forward" as const,
    ForwardConfig: {
      TargetGroups: SLOTS.map((slot) => ({ TargetGroupArn: groups[slot], Weight: split.of(slot) })),
      TargetGroupStickinessConfig: stickiness === null ? { Enabled: false } : { Enabled: true, DurationSeconds: stickiness },
    },
  };
}

/** An answer may be older than the write, so one that shows something else is asked for again for a while. */
async function readBack(moved: MovedService, generation: number, { live, split }: Wanted): Promise<void> {
  for (const pause of [...LOOKS_MS, null]) {
    const rule = await ruleOf(moved);
    if (rule !== undefined && rule.live === live && SLOTS.every((slot) => rule.weights[slot] === split.of(slot))) return;
    if (rule !== undefined && rule.generation > generation) throw late(moved.service);
    if (pause === null) {
      const reports = rule === undefined ? "no rule" : `blue ${rule.weights.blue} %, green ${rule.weights.green} %, live ${rule.live}`;
      throw new PlatformRefusal("not-applied", `Service "${moved.service}": AWS accepted ${split.describe(live)} but still reports ${reports}. Look again: ./mission rollout show ${moved.stack}`);
    }
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}
