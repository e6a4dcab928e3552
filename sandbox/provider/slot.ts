import { z } from "zod";
import { canonicalJson, digestSchema } from "../../model/digest.js";
import { nameSchema } from "../../model/names.js";
import { slotRequestSchema, type ServiceState } from "../protocol.js";
import { peek, running } from "./connection.js";
import type { ResourceHandler } from "./handler.js";

const schema = slotRequestSchema.extend({
  sandbox: nameSchema,
  service: nameSchema,
  slot: z.enum(["blue", "green"]),
  base: digestSchema,
});
type SlotInputs = z.output<typeof schema>;

/** `sandbox:index:Slot`: what one slot holds. */
export const slotHandler: ResourceHandler<SlotInputs> = {
  schema,
  identity: ["sandbox", "service", "slot"],
  // A new base is no new wish; secrets are named by the spec's keyed digests; deadlines matter only while something else changes.
  incidental: ["base", "secrets", "progressDeadlineMs", "drainMs"],
  id: ({ sandbox, service, slot }) => `${sandbox}/${service}/${slot}`,

  async drift(wanted, { ignored }) {
    if (ignored.has("spec")) return [];
    const service = (await peek(wanted.sandbox))?.services[wanted.service];
    const held = service?.slots[wanted.slot];
    if (service === undefined || held === undefined) return wanted.spec === null ? [] : ["spec"];
    if (held.phase === "failed") return ["spec"];
    // What is in use is not judged by what a program declares: the platform keeps it, and the state follows with `refresh`.
    if (inUse(service, wanted.slot)) return [];
    if (canonicalJson(held.spec) !== canonicalJson(wanted.spec)) return ["spec"];
    return held.instances === wanted.instances ? [] : ["instances"];
  },

  async put({ sandbox, service, slot, ...request }, _changed, { signal }) {
    const client = await running(sandbox);
    await client.putSlot(service, slot, request);
    // An empty slot needs nothing, perhaps not even a service yet: there is nothing to wait for.
    if (request.spec === null) return { phase: "empty", version: null };
    const status = await client.waitForSlot(service, slot, { signal });
    if (status.phase === "failed") throw new Error(`Slot "${slot}" of service "${service}" does not become ready: ${status.reason ?? "no reason was given"}`);
    return { phase: status.phase, version: status.spec?.version ?? null };
  },

  async read(recorded) {
    const held = (await peek(recorded.sandbox))?.services[recorded.service]?.slots[recorded.slot];
    if (held === undefined) return undefined;
    const inputs = { ...recorded, spec: held.spec, instances: held.instances, labels: { ...held.labels } };
    return { inputs, outputs: { phase: held.phase, version: held.spec?.version ?? null } };
  },

  async delete({ sandbox, service, slot }) {
    if ((await peek(sandbox)) === undefined) return;
    await (await running(sandbox)).deleteSlot(service, slot);
  },
};

function inUse(service: ServiceState, slot: "blue" | "green"): boolean {
  return service.split !== null && (service.live === slot || service.split[slot] > 0);
}
