import { otherSlot } from "../../model/slot.js";
import type { Observed, ObservedService } from "../../model/rollout.js";
import { specDigest } from "../../model/slot-spec.js";
import type { RolloutIntent } from "../rollout/rollout-intent.js";
import type { Ground } from "./ground.js";
import type { Json } from "./journal-port.js";
import type { Steps } from "./steps.js";

/** Digest of the live SlotSpec of each service: what was live before the mission touched an environment, the only thing a rollback goes to. */
export type LiveSpecs = Readonly<Record<string, string>>;

/** How often the platform is asked to move traffic back before that counts as failed. */
const ATTEMPTS = 5;

/** What is live now; services without a live slot are left out. */
export function liveSpecs(observed: Observed): LiveSpecs {
  return Object.fromEntries(
    Object.entries(observed).flatMap(([service, { live, slots }]) => {
      const held = live === null ? null : slots[live];
      return held === null ? [] : [[service, specDigest(held.spec)] as const];
    }),
  );
}

/**
 * Brings an environment's traffic back to what was live before: by the platform's own interface, again until the read-back holds; then the
 * engine's state. Done again after a kill; traffic that is back already is not moved.
 * @param giveUp `for-good`: that traffic could not be brought back is recorded, and the mission ends by it; `until-next-run`: it is thrown, and the
 *   next run tries again
 * @returns null, or why traffic is not back for certain, a sentence per service
 */
export async function rollBack(steps: Steps, ground: Ground, id: string, before: LiveSpecs, giveUp: "for-good" | "until-next-run"): Promise<readonly string[] | null> {
  const failure = await steps.wayBack<Json>(`${id}/traffic`, before, async () => {
    let refusals: readonly string[] = [];
    for (let attempt = 0; ; attempt += 1) {
      const observed = await ground.describe();
      const away = Object.keys(before).filter((service) => whereFrom(observed[service], before[service]) !== undefined);
      if (away.length === 0) return null;
      if (attempt === ATTEMPTS) {
        const why = [...away.map((service) => `Service "${service}" ${whereFrom(observed[service], before[service])}.`), ...refusals];
        if (giveUp === "for-good") return why;
        throw new Error(`The traffic of stack "${ground.stack}" could not be taken back: ${why.join(" ")}`);
      }
      refusals = await takeBack(ground, observed, before, away);
    }
  });
  if (failure !== null) return failure as readonly string[];
  await steps.wayBack(`${id}/reconcile`, ground.stack, async () => {
    await ground.reconcile();
    return null;
  });
  return null;
}

/** Before `finish` the candidate gives up its weight; after it, the slot that was live before takes all again. */
async function takeBack(ground: Ground, observed: Observed, before: LiveSpecs, services: readonly string[]): Promise<readonly string[]> {
  const now = liveSpecs(observed);
  const ways: readonly (readonly [RolloutIntent, readonly string[]])[] = [
    [{ kind: "set", weight: 0 }, services.filter((service) => now[service] === before[service])],
    [{ kind: "restore" }, services.filter((service) => now[service] !== before[service])],
  ];
  const refusals: string[] = [];
  for (const [intent, of] of ways) if (of.length > 0) refusals.push(...(await ground.takeBack(intent, of)));
  return refusals;
}

/** Why a service is not where it was before; undefined when it is. */
function whereFrom(now: ObservedService | undefined, before: string | undefined): string | undefined {
  if (now?.live == null || now.split === null) return "is not there any more";
  const held = now.slots[now.live];
  if (held === null || specDigest(held.spec) !== before) return `has "${now.live}" live, which is not what was live before the mission`;
  return now.split.of(now.live) === 100 ? undefined : `gives ${now.split.of(otherSlot(now.live))} % to the candidate`;
}
