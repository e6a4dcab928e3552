import { baseOf } from "../../model/rollout.js";
import { UserError } from "../errors.js";
import { PlatformRefusal, type PlatformAdapter } from "../platforms/adapter.js";
import { planRollout, type RolloutIntent, type RolloutPlan } from "./rollout-intent.js";

/** How often a move that somebody else's write has overtaken, or whose end is not known, is decided anew. */
const ATTEMPTS = 5;

/** Whether every step of a plan only takes traffic from the candidate. */
export function isWayBack({ steps }: RolloutPlan): boolean {
  return steps.some(({ transition }) => transition !== "none") && steps.every(({ transition }) => transition === "lower" || transition === "restore" || transition === "none");
}

/**
 * Takes traffic back through the platform's own interface, at once: neither the engine, nor its state, nor the configuration can stand in the
 * way. Where another writer is faster, or no answer says whether the move was made, the platform is looked at again and the move decided anew: what is
 * so already is not done twice. One service's refusal does not keep the others.
 * @returns a sentence for each service whose traffic could not be moved; none when the platform confirms every move
 */
export async function takeTrafficBack(stack: string, adapter: PlatformAdapter, intent: RolloutIntent, services: readonly string[]): Promise<string[]> {
  const refusals: string[] = [];
  for (const service of services) {
    const refusal = await moveService(stack, adapter, intent, service);
    if (refusal !== undefined) refusals.push(`Service "${service}": ${refusal}`);
  }
  return refusals;
}

async function moveService(stack: string, adapter: PlatformAdapter, intent: RolloutIntent, service: string): Promise<string | undefined> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const now = (await adapter.describe())[service];
      if (now === undefined) return "it is not deployed any more.";
      const { rollout, steps } = planRollout(stack, { [service]: now }, intent);
      const wanted = rollout[service];
      if (wanted === undefined || steps.every(({ transition }) => transition === "none")) return undefined;
      await adapter.setSplit(service, { live: wanted.live, split: wanted.split }, baseOf(now));
      return undefined;
    } catch (error) {
      const refused = error instanceof UserError || (error instanceof PlatformRefusal && error.code !== "base");
      if (!refused && attempt < ATTEMPTS) continue;
      return error instanceof Error ? error.message : String(error);
    }
  }
}
