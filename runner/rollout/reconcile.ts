import { unchangedRollout } from "../../model/rollout.js";
import { openStack } from "../engine/stack.js";
import { UserError } from "../errors.js";
import type { PlatformAdapter } from "../platforms/adapter.js";
import { applyRollout } from "./apply-rollout.js";

/**
 * Brings the engine's state in line with the platform, after traffic was moved by the platform's own interface. What keeps the engine from it does not
 * undo the move, so that is a value, not an exception.
 * @param say gets what a killed run had left and was put right
 * @returns null, or what stopped it
 */
export async function reconcile(name: string, adapter: PlatformAdapter, say: (line: string) => void): Promise<UserError | null> {
  try {
    const stack = await openStack(name);
    for (const line of stack.settled) say(line);
    await applyRollout(stack, adapter, unchangedRollout(await adapter.describe()), () => undefined);
    return null;
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
}
