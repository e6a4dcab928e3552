import type { Diagnostic } from "./diagnostic.js";
import { shortDigest } from "./digest.js";
import { stage } from "./next-rollout.js";
import type { Release } from "./release.js";
import { ABSENT, baseOf, unchanged, type Observed, type ObservedService, type Rollout, type ServiceRollout } from "./rollout.js";
import { perSlot, SLOTS, type PerSlot, type Slot } from "./slot.js";
import { slotSpec, specDigest, type SlotEnvironment, type SlotSpec } from "./slot-spec.js";
import { transitionOf, type Transition } from "./transition.js";

/** What one `up` is to do with one service. */
export interface ServicePlan {
  readonly service: string;
  /** `keep`: nobody said anything of traffic, it stays as it is. `rollout`: the runner handed over a wanted state. */
  readonly mode: "keep" | "rollout";
  /** As the platform has it; undefined before the first deployment. */
  readonly previous: ServiceRollout | undefined;
  readonly wanted: ServiceRollout;
  readonly transition: Transition;
  /** The SlotSpecs behind the digests of `wanted`. */
  readonly specs: PerSlot<SlotSpec | null>;
  /**
   * Slots that this `up` leaves exactly as they are recorded: those in use, and those that hold something which nobody asks for now (a candidate that
   * failed and whose release was taken back, say): neither may make an `up` fail.
   */
  readonly left: PerSlot<boolean>;
}

/** The plans of all services, or every reason why there are none. */
export type EnvironmentPlan =
  | { readonly ok: true; readonly services: readonly ServicePlan[] }
  | { readonly ok: false; readonly refusals: readonly Diagnostic[] };

/** Whether a slot may not be touched: it has weight or is recorded live. */
export function slotInUse(previous: ServiceRollout | undefined, slot: Slot): boolean {
  return previous !== undefined && (previous.live === slot || previous.split.of(slot) > 0);
}

/** What a plan is made from. */
export interface PlanInputs {
  readonly release: Release;
  readonly environment: SlotEnvironment;
  /** In production a service leaves only by `mission retire`, in staging also by leaving the release. */
  readonly kind: "staging" | "production";
  readonly observed: Observed;
  readonly rollout: Rollout | undefined;
}

/**
 * Plans every service of a release from what the platform says, what the configuration makes, and what the runner wants (if anything).
 * Pure: the same arguments give the same plan.
 */
export function planEnvironment({ release, environment, kind, observed, rollout }: PlanInputs): EnvironmentPlan {
  const refusals: Diagnostic[] = [];
  const services: ServicePlan[] = [];
  for (const service of Object.keys(rollout ?? {})) {
    if (release.services[service] === undefined) {
      refusals.push({ path: `mission:rollout.${service}`, message: `is not a service of ${release.application} ${release.version}.` });
    }
  }
  for (const service of Object.keys(observed)) {
    if (kind === "production" && release.services[service] === undefined) {
      refusals.push({ path: service, message: `runs in production but is not in ${release.application} ${release.version}; a service leaves by \`mission retire\`, never by leaving the configuration.` });
    }
  }
  for (const service of Object.keys(release.services).sort()) {
    const plan = planService(service, observed[service] ?? ABSENT, slotSpec(release, service, environment), rollout?.[service]);
    if (Array.isArray(plan)) refusals.push(...plan.map((message) => ({ path: service, message })));
    else services.push(plan);
  }
  return refusals.length > 0 ? { ok: false, refusals } : { ok: true, services };
}

function planService(service: string, observed: ObservedService, configured: SlotSpec, wantedByRunner: ServiceRollout | undefined): ServicePlan | string[] {
  const previous = unchanged(observed);
  let wanted: ServiceRollout;
  if (wantedByRunner === undefined) {
    const next = stage(service, observed, configured);
    if (!next.ok) return [next.refusal];
    wanted = next.rollout;
  } else {
    if (wantedByRunner.base !== baseOf(observed)) {
      return [`The platform is no longer as it was when this rollout was decided (base ${shortDigest(wantedByRunner.base)}, now ${shortDigest(baseOf(observed))}); look again and decide anew.`];
    }
    wanted = wantedByRunner;
  }
  const verdict = transitionOf(previous, wanted);
  if (!verdict.ok) return [...verdict.refusals];
  const specs = resolveSpecs(observed, configured, wanted);
  if (Array.isArray(specs)) return specs;
  const left = perSlot((slot) => slotInUse(previous, slot) || isLeftOver(previous, wanted, slot, specDigest(configured)));
  return { service, mode: wantedByRunner === undefined ? "keep" : "rollout", previous, wanted, transition: verdict.transition, specs, left };
}

function isLeftOver(previous: ServiceRollout | undefined, wanted: ServiceRollout, slot: Slot, configured: string): boolean {
  const [before, after] = [previous?.slots[slot] ?? null, wanted.slots[slot]];
  return before !== null && after !== null && before.spec === after.spec && before.instances === after.instances && after.spec !== configured;
}

/** A spec in a rollout is named by digest: it is the one recorded in that slot, or the one that the configuration makes. */
function resolveSpecs(observed: ObservedService, configured: SlotSpec, wanted: ServiceRollout): PerSlot<SlotSpec | null> | string[] {
  const unknown: string[] = [];
  const resolve = (slot: Slot): SlotSpec | null => {
    const state = wanted.slots[slot];
    if (state === null) return null;
    const recorded = observed.slots[slot]?.spec;
    if (recorded !== undefined && specDigest(recorded) === state.spec) return recorded;
    if (specDigest(configured) === state.spec) return configured;
    unknown.push(
      `Slot "${slot}" is to hold SlotSpec ${shortDigest(state.spec)}, but the platform holds ${recorded === undefined ? "none" : shortDigest(specDigest(recorded))} there and the configuration makes ${shortDigest(specDigest(configured))}.`,
    );
    return null;
  };
  const [blue, green] = SLOTS.map(resolve);
  return unknown.length > 0 ? unknown : { blue: blue ?? null, green: green ?? null };
}
