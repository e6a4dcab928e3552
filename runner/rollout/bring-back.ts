import type { Observed, ObservedService } from "../../model/rollout.js";
import { otherSlot } from "../../model/slot.js";
import { specDigest } from "../../model/slot-spec.js";
import type { RolloutIntent } from "./rollout-intent.js";

/** Digest of the live SlotSpec of each service: what was live before an environment was touched, the only thing a rollback goes to. */
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

/** Where traffic is looked at and taken back. */
export interface WayBack {
  describe(): Promise<Observed>;
  /** @returns a sentence for each service that could not be moved */
  takeBack(intent: RolloutIntent, services: readonly string[]): Promise<readonly string[]>;
}

/**
 * Brings traffic back to what was live before, by the platform's own interface, again until the read-back holds; five times at most. Traffic that is
 * back already is not moved; a platform that cannot be looked at does not say that it is.
 * @returns none when it is back, else why not, a sentence per service and refusal
 */
export async function bringBack(place: WayBack, before: LiveSpecs): Promise<readonly string[]> {
  let refusals: readonly string[] = [];
  for (let attempt = 0; ; attempt += 1) {
    let observed: Observed;
    try {
      observed = await place.describe();
    } catch (error) {
      refusals = [`What serves cannot be looked at: ${error instanceof Error ? error.message : String(error)}`];
      if (attempt === ATTEMPTS) return refusals;
      continue;
    }
    const away = Object.keys(before).filter((service) => whereFrom(observed[service], before[service]) !== undefined);
    if (away.length === 0) return [];
    if (attempt === ATTEMPTS) return [...away.map((service) => `Service "${service}" ${whereFrom(observed[service], before[service])}.`), ...refusals];
    refusals = await takeBack(place, observed, before, away);
  }
}

/** Before `finish` the candidate gives up its weight; after it, the slot that was live before takes all again. */
async function takeBack(place: WayBack, observed: Observed, before: LiveSpecs, services: readonly string[]): Promise<readonly string[]> {
  const now = liveSpecs(observed);
  const ways: readonly (readonly [RolloutIntent, readonly string[]])[] = [
    [{ kind: "set", weight: 0 }, services.filter((service) => now[service] === before[service])],
    [{ kind: "restore" }, services.filter((service) => now[service] !== before[service])],
  ];
  const refusals: string[] = [];
  for (const [intent, of] of ways) if (of.length > 0) refusals.push(...(await place.takeBack(intent, of)));
  return refusals;
}

/** Why a service is not where it was before; undefined when it is. */
function whereFrom(now: ObservedService | undefined, before: string | undefined): string | undefined {
  if (now?.live == null || now.split === null) return "is not there any more";
  const held = now.slots[now.live];
  if (held === null || specDigest(held.spec) !== before) return `has "${now.live}" live, which is not what was live before the mission`;
  return now.split.of(now.live) === 100 ? undefined : `gives ${now.split.of(otherSlot(now.live))} % to the candidate`;
}
