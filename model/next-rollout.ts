import { otherSlot } from "./slot.js";
import { baseOf, unchanged, type ObservedService, type ServiceRollout } from "./rollout.js";
import { specDigest, type SlotSpec } from "./slot-spec.js";
import { Split, weightMistake } from "./split.js";

/** The next wanted state of a service, or why there is none. */
export type Next = { readonly ok: true; readonly rollout: ServiceRollout } | { readonly ok: false; readonly refusal: string };

const refuse = (refusal: string): Next => ({ ok: false, refusal });

/**
 * What a service becomes when the configuration makes `spec` and nobody says anything of traffic: traffic and live stay as they are; a spec that
 * neither slot holds goes dark into the free slot; on an empty platform it is the first deployment.
 */
export function stage(service: string, observed: ObservedService, spec: SlotSpec): Next {
  const wantedSpec = { spec: specDigest(spec), instances: spec.size };
  const current = unchanged(observed);
  if (current === undefined) {
    const slots = { blue: wantedSpec, green: null };
    return { ok: true, rollout: { base: baseOf(observed), live: "blue", split: Split.all("blue"), returnTo: null, slots } };
  }
  const free = otherSlot(current.live);
  if (current.slots[current.live]?.spec === wantedSpec.spec) return { ok: true, rollout: current };
  const held = current.slots[free];
  // A retired slot that is to run the same spec again must be started again, so it does not count as holding it.
  if (held !== null && held.spec === wantedSpec.spec && held.instances > 0) return { ok: true, rollout: current };
  const weight = current.split.of(free);
  if (weight > 0) {
    return refuse(
      `Service "${service}": no slot is free for ${spec.version} (${specDigest(spec).slice(7, 19)}): "${current.live}" is live and the candidate in "${free}" has ${weight} % of the traffic. Finish that rollout or lower it to 0 first.`,
    );
  }
  return { ok: true, rollout: { ...current, slots: { ...current.slots, [free]: wantedSpec } } };
}

/** The candidate's weight becomes `weight`, live gets the rest. */
export function setCandidateWeight(service: string, observed: ObservedService, weight: number): Next {
  const mistake = weightMistake(weight);
  if (mistake !== undefined) return refuse(mistake);
  const current = unchanged(observed);
  if (current === undefined) return refuse(notDeployed(service));
  const candidate = otherSlot(current.live);
  if (weight > 0) {
    const held = current.slots[candidate];
    if (held === null) return refuse(`Service "${service}" has no candidate: slot "${candidate}" is empty. Stage a release there first (mission release, then up).`);
    if (held.instances === 0) return refuse(`Service "${service}": slot "${candidate}" is retired (0 instances); stage a release there first.`);
  }
  return { ok: true, rollout: { ...current, split: Split.weight(candidate, weight) } };
}

/** Live becomes the candidate, which must have 100. */
export function finish(service: string, observed: ObservedService): Next {
  const current = unchanged(observed);
  if (current === undefined) return refuse(notDeployed(service));
  const candidate = otherSlot(current.live);
  const weight = current.split.of(candidate);
  if (current.slots[candidate] === null) return refuse(`Service "${service}" has no candidate: slot "${candidate}" is empty. Stage a release there first (mission release, then up).`);
  if (weight !== 100) return refuse(`Service "${service}": the candidate in "${candidate}" has ${weight} %; a rollout is finished at 100.`);
  return { ok: true, rollout: { ...current, live: candidate, returnTo: current.slots[current.live]?.spec ?? null } };
}

/** All traffic and live go back to the slot that was live before `finish`. */
export function restore(service: string, observed: ObservedService): Next {
  const current = unchanged(observed);
  if (current === undefined) return refuse(notDeployed(service));
  const old = otherSlot(current.live);
  const held = current.slots[old];
  if (current.split.of(current.live) !== 100) {
    return refuse(`Service "${service}" is in a rollout (${current.split.describe(current.live)}); lower the candidate to 0 instead.`);
  }
  if (held === null || held.instances === 0) {
    return refuse(`Service "${service}": slot "${old}" is ${held === null ? "empty" : "retired"}; there is nothing to return to.`);
  }
  if (current.returnTo === null) return refuse(`Service "${service}" has no finished rollout to take back: none was finished since its first deployment or the last restore.`);
  if (held.spec !== current.returnTo) {
    return refuse(`Service "${service}": slot "${old}" holds ${observed.slots[old]?.spec.version ?? "a release"}, which was not live before; raise it step by step instead.`);
  }
  return { ok: true, rollout: { ...current, live: old, split: Split.all(old), returnTo: null } };
}

/** The slot that is not live gives up its capacity; its SlotSpec stays recorded. */
export function retire(service: string, observed: ObservedService): Next {
  const current = unchanged(observed);
  if (current === undefined) return refuse(notDeployed(service));
  const old = otherSlot(current.live);
  const held = current.slots[old];
  const weight = current.split.of(old);
  if (weight > 0) return refuse(`Service "${service}": slot "${old}" has ${weight} % of the traffic; lower it to 0 first.`);
  if (held === null) return { ok: true, rollout: current };
  return { ok: true, rollout: { ...current, slots: { ...current.slots, [old]: { ...held, instances: 0 } } } };
}

function notDeployed(service: string): string {
  return `Service "${service}" is not deployed here; deploy a first release (mission release, then up).`;
}
