import { unchangedRollout, type Observed } from "../../../model/rollout.js";
import { weightMistake } from "../../../model/split.js";
import { EXIT, UserError } from "../../errors.js";
import { openStack } from "../../engine/stack.js";
import type { PlatformAdapter } from "../../platforms/adapter.js";
import { openAdapter } from "../../platforms/open-adapter.js";
import { applyRollout } from "../../rollout/apply-rollout.js";
import { planRollout, type RolloutIntent } from "../../rollout/rollout-intent.js";
import { isWayBack, takeTrafficBack } from "../../rollout/take-traffic-back.js";
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

/** Says what will change, does it, then says what the platform shows. */
export async function move(name: string, intent: RolloutIntent, json: boolean, terminal: Terminal): Promise<void> {
  const adapter = await openAdapter(name);
  const plan = planRollout(name, await adapter.describe(), intent);
  for (const step of plan.steps) {
    terminal.say(step.transition === "none" ? `${step.service}: nothing to do (${step.before})` : `${step.service}: ${step.transition}\n  from ${step.before}\n  to   ${step.after}`);
  }
  if (isWayBack(plan)) await moveBack(name, adapter, intent, plan.steps.map(({ service }) => service), terminal);
  else if (plan.steps.some(({ transition }) => transition !== "none")) {
    const stack = await openStack(name);
    for (const line of stack.settled) terminal.say(line);
    await applyRollout(stack, adapter, plan.rollout, () => undefined);
    terminal.say(`Done, and confirmed by the platform of stack "${name}".`);
  }
  const observed = await adapter.describe();
  if (json) terminal.print(JSON.stringify(observed, null, 2));
  else for (const line of table(observed)) terminal.print(line);
  sayStillRunning(name, terminal);
}

/** Traffic first, by the platform's own interface; then the engine, so that its state says the same. */
async function moveBack(name: string, adapter: PlatformAdapter, intent: RolloutIntent, services: readonly string[], terminal: Terminal): Promise<void> {
  const refusals = await takeTrafficBack(name, adapter, intent, services);
  const moved = await adapter.describe();
  if (refusals.length > 0) throw new UserError(EXIT.refused, [...refusals, `The platform of stack "${name}" now has:`, ...table(moved)].join("\n"));
  terminal.say(`Traffic has moved, and the platform of stack "${name}" confirms it.`);
  try {
    const stack = await openStack(name);
    for (const line of stack.settled) terminal.say(line);
    await applyRollout(stack, adapter, unchangedRollout(moved), () => undefined);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const left = `Traffic has moved and stays so, but the engine could not bring its state in line; the next up that works does. What stopped it:\n${error.message}`;
    throw new UserError(error.exitCode === EXIT.locked ? EXIT.locked : EXIT.failed, [...table(moved), left].join("\n"));
  }
}

/** One line per slot that holds something. */
function table(observed: Observed): string[] {
  return Object.entries(observed).flatMap(([service, { live, split, slots }]) =>
    (["blue", "green"] as const).flatMap((slot) => {
      const held = slots[slot];
      if (held === null) return [];
      const role = live === slot ? "live" : (split?.of(slot) ?? 0) > 0 ? "candidate" : held.instances === 0 ? "retired" : "dark";
      return [`${service}  ${slot.padEnd(5)}  ${role.padEnd(9)}  ${String(split?.of(slot) ?? 0).padStart(3)} %  ${held.spec.version}  ${held.ready} of ${held.instances} ready`];
    }),
  );
}
