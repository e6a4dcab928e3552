import type { Observed, ObservedService } from "../../model/rollout.js";
import { otherSlot } from "../../model/slot.js";
import { specDigest, type SlotSpec } from "../../model/slot-spec.js";
import type { LiveSpecs } from "./bring-back.js";

/**
 * What a rollback goes back to where no mission has recorded it: the platform's own record. While a candidate has traffic, that is what is live, and
 * for services of the same release that were finished already, what was live before. Where no candidate has traffic, it is what was live before the last
 * `finish`, as long as it is warm.
 * @returns only the services whose traffic is to move; empty when there is nothing to go back from
 */
export function returnPoint(observed: Observed): LiveSpecs {
  const services = Object.entries(observed);
  const underWay = services.flatMap(([service, now]) => {
    const { candidate, live } = held(now);
    return candidate !== null && live !== null && weightOfCandidate(now) > 0 ? [{ service, candidate, live }] : [];
  });
  const releases = new Set(underWay.map(({ candidate }) => nameOf(candidate)));
  const finished = services.flatMap(([service, now]) => {
    const { candidate: old, live } = held(now);
    if (live === null || old === null || now.returnTo === null || weightOfCandidate(now) > 0) return [];
    const warm = specDigest(old) === now.returnTo && (now.slots[otherSlot(now.live ?? "blue")]?.instances ?? 0) > 0;
    return warm && (underWay.length === 0 || releases.has(nameOf(live))) ? [[service, now.returnTo] as const] : [];
  });
  return Object.fromEntries([...underWay.map(({ service, live }) => [service, specDigest(live)] as const), ...finished]);
}

function held({ live, slots }: ObservedService): { readonly live: SlotSpec | null; readonly candidate: SlotSpec | null } {
  if (live === null) return { live: null, candidate: null };
  return { live: slots[live]?.spec ?? null, candidate: slots[otherSlot(live)]?.spec ?? null };
}

function weightOfCandidate({ live, split }: ObservedService): number {
  return live === null || split === null ? 0 : split.of(otherSlot(live));
}

function nameOf({ application, version, commit }: SlotSpec): string {
  return JSON.stringify([application, version, commit]);
}
