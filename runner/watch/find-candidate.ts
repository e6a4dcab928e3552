import type { Release } from "../../model/release.js";
import type { ObservedService } from "../../model/rollout.js";
import { otherSlot, SLOTS, type Slot } from "../../model/slot.js";
import { specDigest } from "../../model/slot-spec.js";

/** Where a service's release is, or why it is nowhere. */
export type Candidate = { readonly ok: true; readonly slot: Slot; readonly weight: number; readonly spec: string } | { readonly ok: false; readonly reason: string };

/**
 * The slot that holds a release, by version and digest of the artifact. Where both do (the same release with other configuration), the one that has
 * weight; where both have, the one that is not live yet.
 */
export function findCandidate(release: Release, service: string, observed: ObservedService | undefined): Candidate {
  if (observed === undefined || observed.split === null) return { ok: false, reason: `The platform knows no service "${service}" that gets traffic.` };
  const { split, slots, live } = observed;
  const holding = SLOTS.filter((slot) => slots[slot]?.spec.version === release.version && slots[slot].spec.digest === release.services[service]?.digest);
  const weighted = holding.filter((slot) => split.of(slot) > 0);
  const slot = weighted.length > 1 && live !== null ? otherSlot(live) : (weighted[0] ?? holding[0]);
  const held = slot === undefined ? null : slots[slot];
  if (slot === undefined || held === null) return { ok: false, reason: `No slot of service "${service}" holds release ${release.version}.` };
  return { ok: true, slot, weight: split.of(slot), spec: specDigest(held.spec) };
}
