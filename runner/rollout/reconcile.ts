import { readStackFileSettings } from "../engine/read-stack-settings.js";
import { openStack } from "../engine/stack.js";
import { UserError } from "../errors.js";
import type { PlatformAdapter } from "../platforms/adapter.js";
import type { PolicyPack } from "../policies/policy-pack.js";
import { bringInLine } from "./bring-in-line.js";

/**
 * Brings the engine's state in line with the platform, after traffic was moved by the platform's own interface. What keeps the engine from it does not
 * undo the move, so that is a value, not an exception.
 * @param say gets what a killed run had left and was put right, and why no pack has judged it
 * @param pack judges it where that works; null: nobody does
 * @returns null, or what stopped it
 */
export async function reconcile(name: string, adapter: PlatformAdapter, say: (line: string) => void, pack: PolicyPack | null): Promise<UserError | null> {
  try {
    const stack = await openStack(name);
    for (const line of stack.settled) say(line);
    const { settings } = await readStackFileSettings(stack.file);
    const configured = settings === null ? null : Object.keys(settings.release?.services ?? {});
    const unjudged = await bringInLine({ stack, adapter, pack: () => pack, configured, onOutput: () => undefined });
    if (unjudged !== null) say(`The engine's state was brought in line without the policy pack, which changes no service: ${unjudged}`);
    return null;
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
}
