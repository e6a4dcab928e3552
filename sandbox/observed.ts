import { z } from "zod";
import type { Observed, ObservedService } from "../model/rollout.js";
import { perSlot } from "../model/slot.js";
import { Split, splitSchema } from "../model/split.js";
import { slotSpecSchema } from "../model/slot-spec.js";
import type { SandboxState, ServiceState } from "./protocol.js";

/** What a sandbox says, in the words of every platform. */
export function toObserved(state: SandboxState): Observed {
  return Object.fromEntries(Object.entries(state.services).map(([name, service]) => [name, toObservedService(service)]));
}

function toObservedService(service: ServiceState): ObservedService {
  return {
    generation: service.generation,
    live: service.live,
    split: service.split && Split.of(service.split),
    returnTo: service.returnTo,
    slots: perSlot((slot) => {
      const { spec, instances, processes } = service.slots[slot];
      return spec && { spec, instances, ready: processes.filter(({ ready }) => ready).length };
    }),
  };
}

const observedSlotSchema = z.strictObject({ spec: slotSpecSchema, instances: z.int().min(0), ready: z.int().min(0) }).nullable();
const observedSchema: z.ZodType<Observed, unknown> = z.record(
  z.string(),
  z.strictObject({
    generation: z.int().min(0),
    live: z.enum(["blue", "green"]).nullable(),
    split: splitSchema.nullable(),
    returnTo: z.string().nullable(),
    slots: z.strictObject({ blue: observedSlotSchema, green: observedSlotSchema }),
  }),
);

/** Text that {@link parseObserved} reads: it crosses the engine as one string, so that no null or number is changed on the way. */
export function formatObserved(observed: Observed): string {
  return JSON.stringify(observed);
}

/** @throws ZodError when the text is no observation. */
export function parseObserved(text: string): Observed {
  return observedSchema.parse(JSON.parse(text));
}
