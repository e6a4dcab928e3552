import { baseOf } from "../../model/rollout.js";
import { UserError } from "../errors.js";
import { PlatformRefusal, type PlatformAdapter } from "../platforms/adapter.js";
import { BETWEEN_MOVES_MS, realPause, type Pause } from "./patience.js";
import { planRollout, type RolloutIntent, type RolloutPlan } from "./rollout-intent.js";

/** Whether every step of a plan only takes traffic from the candidate. */
export function isWayBack({ steps }: RolloutPlan): boolean {
  return steps.some(({ transition }) => transition !== "none") && steps.every(({ transition }) => transition === "lower" || transition === "restore" || transition === "none");
}

/**
 * Takes traffic back through the platform's own interface, at once: neither the engine, nor its state, nor the configuration can stand in the
 * way. Where another writer is faster, or no answer says whether the move was made, the platform is looked at again and the move decided anew: what is
 * so already is not done twice; five times at most. One service's refusal does not keep the others.
 * @returns a sentence for each service whose traffic could not be moved; none when the platform confirms every move
 */
export async function takeTrafficBack(stack: string, adapter: PlatformAdapter, intent: RolloutIntent, services: readonly string[], pause: Pause = realPause): Promise<string[]> {
  const refusals: string[] = [];
  for (const service of services) {
    const refusal = await moveService(stack, adapter, intent, service, pause);
    if (refusal !== undefined) refusals.push(`Service "${service}": ${refusal}`);
  }
  return refusals;
}

async function moveService(stack: string, adapter: PlatformAdapter, intent: RolloutIntent, service: string, pause: Pause): Promise<string | undefined> {
  for (let attempt = 0; ; attempt += 1) {
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
      const wait = refused ? undefined : BETWEEN_MOVES_MS[attempt];
      if (wait === undefined) return error instanceof Error ? error.message : String(error);
      await pause(wait);
    }
  }
}
