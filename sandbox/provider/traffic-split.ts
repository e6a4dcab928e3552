import { z } from "zod";
import { canonicalJson, digestSchema } from "../../model/digest.js";
import { nameSchema } from "../../model/names.js";
import { splitMistakes } from "../../model/split.js";
import { routingRequestSchema, type ServiceState } from "../protocol.js";
import { peek, running } from "./connection.js";
import type { Json, ResourceHandler } from "./handler.js";

const weightsSchema = z.strictObject({ blue: z.number(), green: z.number() }).superRefine((weights, context) => {
  for (const message of splitMistakes(weights)) context.addIssue({ code: "custom", message });
});
const schema = routingRequestSchema.extend({
  sandbox: nameSchema,
  service: nameSchema,
  live: z.enum(["blue", "green"]),
  split: weightsSchema,
  returnTo: digestSchema.nullable(),
  base: digestSchema,
});
type SplitInputs = z.output<typeof schema>;

const ROUTING = ["ports", "headers", "stickinessMs", "accessLog"] as const;
const TRAFFIC = ["live", "split", "returnTo"] as const;

/** `sandbox:index:TrafficSplit`: a service's routes, its live slot and its weights. */
export const trafficSplitHandler: ResourceHandler<SplitInputs> = {
  schema,
  identity: ["sandbox", "service"],
  incidental: ["base"],
  id: ({ sandbox, service }) => `${sandbox}/${service}`,

  async drift(wanted, { ignored }) {
    const service = (await peek(wanted.sandbox))?.services[wanted.service];
    if (service?.split == null) return ["split"];
    const keys = ignored.has("split") ? [] : TRAFFIC;
    return keys.filter((key) => canonicalJson(service[key]) !== canonicalJson(wanted[key]));
  },

  async put(wanted, changed, { ignored }) {
    const { sandbox, service, live, split, returnTo, base, ...routing } = wanted;
    const client = await running(sandbox);
    const before = (await client.state()).services[service];
    if (before?.routing == null || changed === undefined || ROUTING.some((key) => changed.has(key))) await client.putRouting(service, routing);
    const first = before?.split == null;
    if (first || !ignored.has("split")) {
      if (!first && sameTraffic(before, wanted)) return confirm(before);
      // A split that exists is never made anew: the platform refuses a first split that differs from what is there.
      await client.putSplit(service, { live, split, returnTo, base: first || changed === undefined ? null : base });
    }
    const after = (await client.state()).services[service];
    if (after?.split == null) throw new Error(`Service "${service}": the split was written but the sandbox does not report it.`);
    if (!ignored.has("split") && !sameTraffic(after, wanted)) {
      throw new Error(`Service "${service}": wanted was blue ${split.blue} / green ${split.green} with ${live} live, but the sandbox reports blue ${after.split.blue} / green ${after.split.green} with ${after.live} live.`);
    }
    return confirm(after);
  },

  async read(recorded) {
    const service = (await peek(recorded.sandbox))?.services[recorded.service];
    if (service?.split == null || service.live === null) return undefined;
    const inputs = { ...recorded, live: service.live, split: service.split, returnTo: service.returnTo, ...service.routing };
    return { inputs, outputs: confirm(service) };
  },

  async delete({ sandbox, service }) {
    if ((await peek(sandbox)) === undefined) return;
    await (await running(sandbox)).deleteService(service);
  },
};

function sameTraffic(service: ServiceState, wanted: SplitInputs): boolean {
  return TRAFFIC.every((key) => canonicalJson(service[key]) === canonicalJson(wanted[key]));
}

function confirm(service: ServiceState): Json {
  return { confirmed: { live: service.live, split: service.split }, endpoints: service.endpoints };
}
