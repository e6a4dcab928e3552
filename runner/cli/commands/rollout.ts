import type { Observed } from "../../../model/rollout.js";
import { weightMistake } from "../../../model/split.js";
import { EXIT, UserError } from "../../errors.js";
import { openStack } from "../../engine/stack.js";
import { openAdapter } from "../../platforms/open-adapter.js";
import { applyRollout } from "../../rollout/apply-rollout.js";
import { planRollout, type RolloutIntent } from "../../rollout/rollout-intent.js";
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
  const stack = await openStack(name);
  const adapter = await openAdapter(stack);
  const observed = await adapter.describe();
  if (json) return terminal.print(JSON.stringify(observed, null, 2));
  if (Object.keys(observed).length === 0) return terminal.print(`Nothing is deployed in stack "${name}".`);
  for (const line of table(observed)) terminal.print(line);
  for (const service of Object.keys(observed)) {
    const endpoints = await adapter.endpoints(service);
    if (endpoints !== undefined) terminal.print(`${service}: ${endpoints.production}   (test routes: blue ${endpoints.slots.blue}, green ${endpoints.slots.green})`);
  }
}

/** Says what will change, then runs the gated `up`, then says what the platform shows. */
export async function move(name: string, intent: RolloutIntent, json: boolean, terminal: Terminal): Promise<void> {
  const stack = await openStack(name);
  for (const line of stack.settled) terminal.say(line);
  const adapter = await openAdapter(stack);
  const { rollout, steps } = planRollout(name, await adapter.describe(), intent);
  for (const step of steps) {
    terminal.say(step.transition === "none" ? `${step.service}: nothing to do (${step.before})` : `${step.service}: ${step.transition}\n  from ${step.before}\n  to   ${step.after}`);
  }
  if (steps.some(({ transition }) => transition !== "none")) {
    await applyRollout(stack, adapter, rollout, () => undefined);
    terminal.say(`Done, and confirmed by the platform of stack "${name}".`);
  }
  const observed = await adapter.describe();
  if (json) terminal.print(JSON.stringify(observed, null, 2));
  else for (const line of table(observed)) terminal.print(line);
  sayStillRunning(name, terminal);
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
