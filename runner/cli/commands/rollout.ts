import { resolve } from "node:path";
import type { Observed } from "../../../model/rollout.js";
import { weightMistake } from "../../../model/split.js";
import { EXIT, UserError } from "../../errors.js";
import { openStack } from "../../engine/stack.js";
import type { PlatformAdapter } from "../../platforms/adapter.js";
import { openAdapter } from "../../platforms/open-adapter.js";
import { readyPack, type PolicyPack } from "../../policies/policy-pack.js";
import { applyRollout } from "../../rollout/apply-rollout.js";
import { reconcile } from "../../rollout/reconcile.js";
import { planRollout, type RolloutIntent, type RolloutPlan } from "../../rollout/rollout-intent.js";
import { isWayBack, takeTrafficBack } from "../../rollout/take-traffic-back.js";
import { forgetFinished, noteFinished } from "../../store/finished.js";
import type { Lease } from "../../store/mission-store.js";
import { openStore } from "../../store/open-store.js";
import { refuseRaise } from "../../store/refuse-raise.js";
import { withLease } from "../../store/with-lease.js";
import { sayStillRunning } from "../still-running.js";
import type { Terminal } from "../terminal.js";

/** A weight as a person types it. @throws UserError (usage) with what was typed and what is allowed. */
export function parseWeight(text: string): number {
  const weight: unknown = /^[+-]?\d+(\.\d+)?$/.test(text.trim()) ? Number(text) : text;
  const mistake = weightMistake(weight);
  if (mistake !== undefined) throw new UserError(EXIT.usage, mistake.replace("A weight", "The weight"));
  return weight as number;
}

/** Prints what each slot of a stack holds and serves. */
export async function show(name: string, json: boolean, terminal: Terminal): Promise<void> {
  const adapter = await openAdapter(name);
  const observed = await adapter.describe();
  if (json) return terminal.print(JSON.stringify(observed, null, 2));
  if (Object.keys(observed).length === 0) return terminal.print(`Nothing is deployed in stack "${name}".`);
  for (const line of table(observed)) terminal.print(line);
  for (const service of Object.keys(observed)) {
    const endpoints = await adapter.endpoints(service);
    if (endpoints !== undefined) terminal.print(`${service}: ${endpoints.production}   (test routes: blue ${endpoints.slots.blue}, green ${endpoints.slots.green})`);
  }
}

/** What will change, before it does. */
export function sayPlan({ steps }: RolloutPlan, terminal: Terminal): void {
  for (const { service, transition, before, after } of steps) {
    terminal.say(transition === "none" ? `${service}: nothing to do (${before})` : `${service}: ${transition}\n  from ${before}\n  to   ${after}`);
  }
}

/** Options of what moves traffic by hand. */
export interface MoveOptions {
  readonly json?: boolean;
  /** Folder of the policy pack that judges it; none by default. */
  readonly policyPack?: string;
}

/** Says what will change, does it, then says what the platform shows. */
export async function move(name: string, intent: RolloutIntent, { json = false, policyPack }: MoveOptions, terminal: Terminal): Promise<void> {
  const adapter = await openAdapter(name);
  const pack = policyPack === undefined ? null : { directory: resolve(policyPack), pinned: null };
  if (pack !== null) readyPack(pack);
  const plan = planRollout(name, await adapter.describe(), intent);
  sayPlan(plan, terminal);
  if (pack === null && plan.steps.some(({ transition }) => transition !== "none")) terminal.say("No policy pack judges this; give one by --policy-pack <folder>.");
  if (isWayBack(plan)) {
    const back = () => moveBack(name, adapter, intent, plan.steps.map(({ service }) => service), pack, terminal);
    // A person may always take all traffic back, whoever works on the stack, and whatever the mission store says.
    if (intent.kind === "restore" || (intent.kind === "set" && intent.weight === 0)) await back();
    else await withLease(openStore(), name, inWords(intent), back);
  } else if (plan.steps.some(({ transition }) => transition !== "none")) {
    await withLease(openStore(), name, inWords(intent), (lease) => applyPlan(adapter, intent, plan, lease, terminal, pack));
  }
  const observed = await adapter.describe();
  if (json) terminal.print(JSON.stringify(observed, null, 2));
  else for (const line of table(observed)) terminal.print(line);
  sayStillRunning(name, terminal);
}

/**
 * What gives a candidate traffic, makes it live or stops the old slot: by the gated up, while this process has the stack's lease.
 * @throws UserError (refused) for a raise in a freeze or hold; as `applyRollout`
 */
export async function applyPlan(adapter: PlatformAdapter, intent: RolloutIntent, { rollout, steps }: RolloutPlan, lease: Lease, terminal: Terminal, pack: PolicyPack | null = null): Promise<void> {
  const name = lease.environment;
  if (steps.some(({ transition }) => transition === "raise")) refuseRaise(name, await openStore().standing(name));
  const stack = await openStack(name);
  for (const line of stack.settled) terminal.say(line);
  if (intent.kind === "finish") await forgetFinished(name, Object.keys(rollout));
  await lease.check();
  await applyRollout(stack, adapter, rollout, { pack });
  if (intent.kind === "finish") await noteFinished(name, await adapter.describe());
  terminal.say(`Done, and confirmed by the platform of stack "${name}".`);
}

function inWords(intent: RolloutIntent): string {
  return intent.kind === "set" ? `rollout set ${intent.weight}` : `rollout ${intent.kind}`;
}

/** Traffic first, by the platform's own interface; then the engine, so that its state says the same. */
async function moveBack(name: string, adapter: PlatformAdapter, intent: RolloutIntent, services: readonly string[], pack: PolicyPack | null, terminal: Terminal): Promise<void> {
  const refusals = await takeTrafficBack(name, adapter, intent, services);
  const moved = await adapter.describe();
  if (refusals.length > 0) throw new UserError(EXIT.refused, [...refusals, `The platform of stack "${name}" now has:`, ...table(moved)].join("\n"));
  terminal.say(`Traffic has moved, and the platform of stack "${name}" confirms it.`);
  const engine = await reconcile(name, adapter, (line) => terminal.say(line), pack);
  if (engine !== null) throw engineIsBehind(engine, moved);
}

/** Users are where they should be; the engine's state is not. */
export function engineIsBehind(engine: UserError, observed: Observed): UserError {
  const left = `Traffic has moved and stays so, but the engine could not bring its state in line; the next up that works does. What stopped it:\n${engine.message}`;
  return new UserError(engine.exitCode === EXIT.locked ? EXIT.locked : EXIT.failed, [...table(observed), left].join("\n"));
}

/** One line per slot that holds something. */
export function table(observed: Observed): string[] {
  return Object.entries(observed).flatMap(([service, { live, split, slots }]) =>
    (["blue", "green"] as const).flatMap((slot) => {
      const held = slots[slot];
      if (held === null) return [];
      const role = live === slot ? "live" : (split?.of(slot) ?? 0) > 0 ? "candidate" : held.instances === 0 ? "retired" : "dark";
      return [`${service}  ${slot.padEnd(5)}  ${role.padEnd(9)}  ${String(split?.of(slot) ?? 0).padStart(3)} %  ${held.spec.version}  ${held.ready} of ${held.instances} ready`];
    }),
  );
}
