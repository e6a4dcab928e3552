import type { Observed, ObservedService } from "../../model/rollout.js";
import { otherSlot } from "../../model/slot.js";
import { specDigest } from "../../model/slot-spec.js";
import { BETWEEN_LOOKS_MS, realPause, type Pause } from "./patience.js";
import type { RolloutIntent } from "./rollout-intent.js";

/** Digest of the live SlotSpec of each service: what was live before an environment was touched, the only thing a rollback goes to. */
export type LiveSpecs = Readonly<Record<string, string>>;

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
  /** Default: the clock's. */
  readonly pause?: Pause;
}

/**
 * Brings traffic back to what was live before, by the platform's own interface, again until the read-back holds, with longer and longer pauses,
 * half a minute in all; what the platform takes to answer comes on top. Traffic that is back already is not moved; a platform that cannot be looked at does not say that it is.
 * @returns none when it is back, else why not, a sentence per service and refusal
 */
export async function bringBack(place: WayBack, before: LiveSpecs): Promise<readonly string[]> {
  const { pause = realPause } = place;
  let refusals: readonly string[] = [];
  for (let attempt = 0; ; attempt += 1) {
    const looked = await look(place, before);
    if (typeof looked !== "string" && looked.away.length === 0) return [];
    const wait = BETWEEN_LOOKS_MS[attempt];
    if (wait === undefined) return typeof looked === "string" ? [looked] : [...looked.away.map((service) => `Service "${service}" ${whereFrom(looked.observed[service], before[service])}.`), ...refusals];
    if (typeof looked !== "string") refusals = await takeBack(place, looked.observed, before, looked.away);
    await pause(wait);
  }
}

/** Which services are not where they were before; or why that cannot be seen. */
async function look(place: WayBack, before: LiveSpecs): Promise<{ readonly observed: Observed; readonly away: readonly string[] } | string> {
  try {
    const observed = await place.describe();
    return { observed, away: Object.keys(before).filter((service) => whereFrom(observed[service], before[service]) !== undefined) };
  } catch (error) {
    return `What serves cannot be looked at: ${error instanceof Error ? error.message : String(error)}`;
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
