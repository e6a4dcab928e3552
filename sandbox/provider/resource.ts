import { canonicalJson } from "../../model/digest.js";
import { diagnose, type Diagnostic } from "../../model/diagnostic.js";
import type { CallContext, Json, ReadBack, ResourceHandler } from "./handler.js";

/** How a resource differs from what is wanted. */
export interface Difference {
  readonly changed: readonly string[];
  /** Those that make it another resource. */
  readonly replaces: readonly string[];
}

/** A handler with its inputs' type erased: what the gRPC server talks to. */
export interface Resource {
  check(inputs: Json): readonly Diagnostic[];
  diff(recorded: Json, wanted: Json, context: CallContext): Promise<Difference>;
  create(wanted: Json, context: CallContext): Promise<{ id: string; outputs: Json }>;
  update(recorded: Json, wanted: Json, context: CallContext): Promise<Json>;
  read(recorded: Json, context: CallContext): Promise<ReadBack<Json> | undefined>;
  delete(recorded: Json, context: CallContext): Promise<void>;
}

/** The engine writes this for a value that is not known before the update runs. */
const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** Makes a Resource of a handler. */
export function resource<Inputs extends object>(handler: ResourceHandler<Inputs>): Resource {
  const parse = (inputs: Json) => handler.schema.parse(inputs);
  const different = (recorded: Json, wanted: Json) => {
    const incidental = new Set<string>(handler.incidental);
    return [...new Set([...Object.keys(recorded), ...Object.keys(wanted)])].filter((key) => !incidental.has(key) && canonicalJson(recorded[key] ?? null) !== canonicalJson(wanted[key] ?? null));
  };
  return {
    check(inputs) {
      if (JSON.stringify(inputs).includes(UNKNOWN)) return [];
      const parsed = handler.schema.safeParse(inputs);
      return parsed.success ? [] : diagnose(parsed.error, inputs);
    },
    async diff(recorded, wanted, context) {
      const wished = different(recorded, wanted);
      const changed = new Set(wished);
      const parsed = handler.schema.safeParse(wanted);
      if (parsed.success) for (const key of await handler.drift(parsed.data, context)) changed.add(key);
      return { changed: [...changed], replaces: handler.identity.filter((key) => wished.includes(key)) };
    },
    async create(wanted, context) {
      const inputs = parse(wanted);
      const outputs = await handler.put(inputs, undefined, context);
      return { id: handler.id(inputs), outputs };
    },
    update: (recorded, wanted, context) => handler.put(parse(wanted), new Set(different(recorded, wanted)), context),
    async read(recorded, context) {
      const found = await handler.read(parse(recorded), context);
      return found && { inputs: found.inputs as Json, outputs: found.outputs };
    },
    delete: (recorded, context) => handler.delete(parse(recorded), context),
  };
}
