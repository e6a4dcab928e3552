import { UserError } from "../errors.js";
import { bringBack, type LiveSpecs } from "../rollout/bring-back.js";
import type { Ground } from "./ground.js";
import type { Json } from "./journal-port.js";
import type { Steps } from "./steps.js";

export { liveSpecs, type LiveSpecs } from "../rollout/bring-back.js";

/** Traffic could not be taken back, why is in the message; the mission has not ended by that. */
export class NotTakenBack extends Error {}

/**
 * Brings an environment's traffic back to what was live before: by the platform's own interface, again until the read-back holds; then the
 * engine's state. Done again after a kill; traffic that is back already is not moved.
 * @param giveUp `for-good`: that traffic could not be brought back is recorded, and the mission ends by it; `until-next-run`: it is thrown as NotTakenBack,
 *   and the next run tries again
 * @param configured what the environment was configured to run before the mission; null: as it is
 * @returns null, or why traffic is not back for certain, a sentence per service
 */
export async function rollBack(steps: Steps, ground: Ground, id: string, before: LiveSpecs, giveUp: "for-good" | "until-next-run", configured: Json = null): Promise<readonly string[] | null> {
  const failure = await steps.wayBack<Json>(`${id}/traffic`, before, async () => {
    const why = await bringBack(ground, before);
    if (why.length === 0) return null;
    if (giveUp === "for-good") return why;
    throw new NotTakenBack(`The traffic of stack "${ground.stack}" could not be taken back: ${why.join(" ")}`);
  });
  if (failure !== null) return failure as readonly string[];
  await steps.wayBack<Json>(reconcileId(id), ground.stack, async () => {
    try {
      const unjudged = await ground.reconcile(configured);
      return unjudged === null ? null : { unjudged };
    } catch (error) {
      // Users are back, and that is what counts; the next up that works brings the engine's state in line.
      if (error instanceof UserError) return error.message;
      throw error;
    }
  });
  return null;
}

/**
 * What is to be said of the engine's state after a rollback: why it is behind, or that it is in line, but no policy pack has judged that; null when all is
 * well, or when there was no rollback.
 */
export function engineBehind(steps: Steps, id: string): string | null {
  const recorded = steps.recorded(reconcileId(id)) ?? null;
  if (typeof recorded === "string") return `the engine's state is behind until the next up that works: ${recorded}`;
  const unjudged = (recorded as { readonly unjudged?: string } | null)?.unjudged;
  return unjudged === undefined ? null : `the engine's state was brought in line without the policy pack, which changes no service: ${unjudged}`;
}

function reconcileId(id: string): string {
  return `${id}/reconcile`;
}
