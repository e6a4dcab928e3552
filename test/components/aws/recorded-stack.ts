import assert from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";
import { slotName } from "../../../aws/names.js";
import { SPEC_LABEL, TAG } from "../../../aws/tags.js";
import type { Observed, ObservedService, ObservedSlot } from "../../../model/rollout.js";
import { perSlot, SLOTS, type Slot } from "../../../model/slot.js";
import { slotSpecSchema } from "../../../model/slot-spec.js";
import { Split } from "../../../model/split.js";
import type { DeclaredOnAws, DeclaredStack } from "../../support/aws-mocks.js";

type Inputs = Readonly<Record<string, unknown>>;

/** What one `up` did to one resource. */
export interface Change {
  readonly type: string;
  readonly name: string;
  readonly what: "made" | "changed" | "deleted";
  /** Names of the inputs that differ. */
  readonly inputs: readonly string[];
}

const TASK = "aws:ecs/taskDefinition:TaskDefinition";
const SERVICE = "aws:ecs/service:Service";
const RULE = "aws:lb/listenerRule:ListenerRule";

/** A stack in memory: what the engine remembers of it, and what AWS has. The two differ where somebody moves traffic past the engine. */
export class RecordedStack {
  private readonly remembered = new Map<string, Inputs>();
  /** Users' rules as AWS has them, by service. */
  private readonly rules = new Map<string, Inputs>();
  /** How many revisions each task definition has had. */
  private readonly revisions = new Map<string, number>();

  constructor(
    private readonly stack: string,
    private readonly services: readonly string[],
  ) {}

  /** Does what was declared, as the engine would: what is ignored stays as it is remembered, and what equals it is not written. */
  up(declared: DeclaredStack): Change[] {
    const changes: Change[] = [];
    const leaves = declared.all.filter(({ type }) => type.startsWith("aws:"));
    const keys = new Set(leaves.map(keyOf));
    assert.equal(keys.size, leaves.length, "two resources have one name");
    for (const leaf of leaves) {
      const before = this.remembered.get(keyOf(leaf));
      const after = before === undefined ? leaf.inputs : kept(before, leaf);
      const inputs = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after)])].filter((name) => !isDeepStrictEqual(before?.[name], after[name])).sort();
      if (inputs.length === 0) continue;
      changes.push({ type: leaf.type, name: leaf.name, what: before === undefined ? "made" : "changed", inputs });
      this.remembered.set(keyOf(leaf), after);
      if (leaf.type === TASK) this.revisions.set(leaf.name, (this.revisions.get(leaf.name) ?? 0) + 1);
      const service = this.services.find((each) => leaf.type === RULE && leaf.name === `${each}-split`);
      if (service !== undefined) this.rules.set(service, after);
    }
    for (const key of [...this.remembered.keys()].filter((each) => !keys.has(each))) {
      this.remembered.delete(key);
      const [type = "", name = ""] = key.split(" ");
      changes.push({ type, name, what: "deleted", inputs: [] });
    }
    return changes;
  }

  /** The runner's refresh of the users' rules, before an `up` that carries a rollout state. */
  refresh(): void {
    for (const [service, rule] of this.rules) this.remembered.set(`${RULE} ${service}-split`, rule);
  }

  /** Somebody takes all traffic back to the live slot by AWS's own API, as the runner does in an emergency. */
  takeBack(service: string): void {
    const rule = this.rules.get(service);
    if (rule === undefined) return;
    const { [TAG.live]: live, [TAG.generation]: generation } = rule["tags"] as Record<string, string>;
    const [action] = rule["actions"] as [{ forward: { targetGroups: { arn: string }[] } }];
    const targetGroups = action.forward.targetGroups.map(({ arn }) => ({ arn, weight: slotOf(arn) === live ? 100 : 0 }));
    this.rules.set(service, { ...rule, actions: [{ ...action, forward: { ...action.forward, targetGroups } }], tags: { ...(rule["tags"] as object), [TAG.generation]: String(Number(generation) + 1) } });
  }

  /** What AWS says, read as `aws/observe.ts` reads it. */
  observe(): { readonly services: Observed; readonly generations: Readonly<Record<string, number>> } {
    const seen = [...this.rules].map(([service, rule]) => [service, this.observeService(service, rule)] as const);
    return { services: Object.fromEntries(seen), generations: Object.fromEntries([...this.rules].map(([service, rule]) => [service, Number((rule["tags"] as Record<string, string>)[TAG.generation])])) };
  }

  private observeService(service: string, rule: Inputs): ObservedService {
    const tags = rule["tags"] as Record<string, string>;
    const [action] = rule["actions"] as [{ forward: { targetGroups: { arn: string; weight: number }[] } }];
    const weights = Object.fromEntries(action.forward.targetGroups.map(({ arn, weight }) => [slotOf(arn), weight])) as Record<Slot, number>;
    const returnTo = tags[TAG.returnTo] ?? "";
    return {
      generation: Number(tags[TAG.generation]) + SLOTS.reduce((sum, slot) => sum + (this.revisions.get(`${service}-${slot}`) ?? 0), 0),
      live: tags[TAG.live] as Slot,
      split: Split.of(weights),
      returnTo: returnTo === "-" ? null : returnTo,
      slots: perSlot((slot) => this.observeSlot(service, slot)),
    };
  }

  private observeSlot(service: string, slot: Slot): ObservedSlot | null {
    const [definition, running] = [TASK, SERVICE].map((type) => this.remembered.get(`${type} ${service}-${slot}`));
    if (definition === undefined || running === undefined) return null;
    assert.equal(running["name"], slotName(this.stack, service, slot));
    const [container] = JSON.parse(definition["containerDefinitions"] as string) as [{ dockerLabels: Record<string, string> }];
    const spec = slotSpecSchema.parse(JSON.parse(container.dockerLabels[SPEC_LABEL] ?? ""));
    const instances = running["desiredCount"] === 0 ? 0 : spec.size;
    return { spec, instances, ready: instances };
  }
}

function keyOf({ type, name }: Pick<DeclaredOnAws, "type" | "name">): string {
  return `${type} ${name}`;
}

/** Inputs as the engine makes them from `ignoreChanges`: "*" is all of them. */
function kept(before: Inputs, { inputs, ignoreChanges }: DeclaredOnAws): Inputs {
  if (ignoreChanges.includes("*")) return before;
  const ignored = new Set(ignoreChanges);
  const without = (record: Inputs, which: (name: string) => boolean) => Object.entries(record).filter(([name]) => which(name));
  return Object.fromEntries([...without(inputs, (name) => !ignored.has(name)), ...without(before, (name) => ignored.has(name))]);
}

/** The slot whose target group an ARN names. */
function slotOf(targetGroup: string): Slot {
  const [, slot] = /:targetgroup\/[^/]+-(blue|green)\//.exec(targetGroup) ?? [];
  assert.ok(slot === "blue" || slot === "green", targetGroup);
  return slot;
}
