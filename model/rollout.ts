import { z } from "zod";
import { digestOfValue, digestSchema } from "./digest.js";
import { nameSchema } from "./names.js";
import { perSlot, type PerSlot, type Slot } from "./slot.js";
import { specDigest, type SlotSpec } from "./slot-spec.js";
import { Split, splitSchema } from "./split.js";

/** What a platform says of one slot that has a SlotSpec. */
export interface ObservedSlot {
  readonly spec: SlotSpec;
  /** Instances that the slot is to have now: `spec.size`, or 0 after it was retired. */
  readonly instances: number;
  /** Instances that answer their readiness probe. */
  readonly ready: number;
}

/** What a platform says of one service: the truth that every change starts from. */
export interface ObservedService {
  /** Grows by at least one with every write to the service. */
  readonly generation: number;
  /** The slot recorded live; null before the first deployment was finished. */
  readonly live: Slot | null;
  readonly split: Split | null;
  /** Digest of the SlotSpec that was live before the last `finish`: the one that `restore` returns to. Null before that and after a restore. */
  readonly returnTo: string | null;
  readonly slots: PerSlot<ObservedSlot | null>;
}

/** Everything a platform says of one environment. */
export type Observed = Readonly<Record<string, ObservedService>>;

/** A service of which the platform knows nothing. */
export const ABSENT: ObservedService = { generation: 0, live: null, split: null, returnTo: null, slots: perSlot(() => null) };

/**
 * Names what was observed of a service. A writer passes on the base that its decision rests on, and the platform refuses the
 * write when it no longer holds. Readiness is left out (it flaps); the generation is in, so that there and back again is noticed.
 */
export function baseOf(service: ObservedService): string {
  return digestOfValue({
    generation: service.generation,
    live: service.live,
    returnTo: service.returnTo,
    split: service.split && { blue: service.split.blue, green: service.split.green },
    slots: perSlot((slot) => {
      const held = service.slots[slot];
      return held && { spec: specDigest(held.spec), instances: held.instances };
    }),
  });
}

const slotStateSchema = z.strictObject({
  /** Digest of the SlotSpec (see `specDigest`). */
  spec: digestSchema,
  /** Instances the slot is to have: the spec's size, or 0 when retired. */
  instances: z.int().min(0).max(1000),
});
/** What a slot is to hold. The SlotSpec is named by its digest: it is either the recorded one or what the configuration makes. */
export type SlotState = z.output<typeof slotStateSchema>;

const serviceRolloutSchema = z.strictObject({
  /** `baseOf` what the decision rests on. */
  base: digestSchema,
  live: z.enum(["blue", "green"]),
  slots: z.strictObject({ blue: slotStateSchema.nullable(), green: slotStateSchema.nullable() }),
  split: splitSchema,
  /** See `ObservedService.returnTo`. */
  returnTo: digestSchema.nullable(),
});
/** The wanted state of one service. */
export type ServiceRollout = z.output<typeof serviceRolloutSchema>;

/** The wanted state of every service of a stack, as the runner hands it to the program (configuration `mission:rollout`). */
export const rolloutSchema = z.record(nameSchema, serviceRolloutSchema);
export type Rollout = z.output<typeof rolloutSchema>;

/** A service's wanted state when nothing is to change. Undefined before its first deployment. */
export function unchanged(service: ObservedService): ServiceRollout | undefined {
  if (service.live === null || service.split === null) return undefined;
  return {
    base: baseOf(service),
    live: service.live,
    split: service.split,
    returnTo: service.returnTo,
    slots: perSlot((slot) => {
      const held = service.slots[slot];
      return held && { spec: specDigest(held.spec), instances: held.instances };
    }),
  };
}

/** The wanted state of a whole environment when nothing is to change; services that were never deployed are left out. */
export function unchangedRollout(observed: Observed): Rollout {
  return Object.fromEntries(
    Object.entries(observed).flatMap(([service, now]) => {
      const rollout = unchanged(now);
      return rollout === undefined ? [] : [[service, rollout] as const];
    }),
  );
}
