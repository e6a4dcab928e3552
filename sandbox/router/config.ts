import { z } from "zod";
import { nameSchema } from "../../model/names.js";
import { SLOTS, type PerSlot, type Slot } from "../../model/slot.js";
import { splitMistakes } from "../../model/split.js";

/** One process of a slot that answers HTTP on 127.0.0.1. */
export interface Instance {
  /** Unique over all services; names the instance in `inFlight` and in the access log. */
  readonly id: string;
  /** TCP port on 127.0.0.1, 1 to 65535. */
  readonly port: number;
  /** Whether the supervisor's health check passes; an instance that is not ready gets nothing, except at fail-open. */
  readonly ready: boolean;
}

/** What a slot runs: its release (null while it is empty) and its instances. */
export interface RoutedSlot {
  readonly release: string | null;
  readonly instances: readonly Instance[];
}

/** How one service is routed. */
export interface RoutedService {
  /** Listening ports on 127.0.0.1: the production route, and a fixed test route per slot. All distinct over the whole configuration. */
  readonly ports: { readonly production: number; readonly blue: number; readonly green: number };
  /** The live slot: the one that fail-open goes to. */
  readonly live: Slot;
  /** Weights of the production route, 0 to 100, sum 100. */
  readonly split: { readonly blue: number; readonly green: number };
  readonly slots: PerSlot<RoutedSlot>;
  /** Whether responses name slot and release in `x-mission-slot` and `x-mission-release`. */
  readonly headers: boolean;
  /** Whether a client stays on its slot by a cookie, and for how many seconds (1 or more). */
  readonly stickiness: null | { readonly maxAgeSeconds: number };
}

/** The whole routing table, as it is pushed and as it is kept in `router.json`. */
export interface RouterConfig {
  /** Grows with every change; the router refuses one that is lower than its own. */
  readonly generation: number;
  /** Whether each request is written to `router-access.log`. */
  readonly accessLog: boolean;
  readonly services: Readonly<Record<string, RoutedService>>;
}

const portSchema = z.int().min(1).max(65535);

const instanceSchema = z.strictObject({ id: z.string().min(1).max(200), port: portSchema, ready: z.boolean() });

const slotSchema = z.strictObject({
  release: z.string().min(1).max(200).nullable(),
  instances: z.array(instanceSchema).max(1000),
});

const serviceSchema = z.strictObject({
  ports: z.strictObject({ production: portSchema, blue: portSchema, green: portSchema }),
  live: z.enum(SLOTS),
  split: z.strictObject({ blue: z.number(), green: z.number() }).superRefine((split, context) => {
    for (const message of splitMistakes(split)) context.addIssue({ code: "custom", message });
  }),
  slots: z.strictObject({ blue: slotSchema, green: slotSchema }),
  headers: z.boolean(),
  stickiness: z.strictObject({ maxAgeSeconds: z.int().min(1) }).nullable(),
});

/** Checks a routing table: shapes, weights that sum to 100, ports and instance ids that are not used twice. */
export const routerConfigSchema: z.ZodType<RouterConfig> = z
  .strictObject({
    generation: z.int().min(0),
    accessLog: z.boolean(),
    services: z.record(nameSchema, serviceSchema),
  })
  .superRefine((config, context) => {
    for (const message of [...portMistakes(config), ...idMistakes(config)]) context.addIssue({ code: "custom", message });
  });

/** Every mistake of a failed check, one sentence each: the path in quotes and what is wrong there. */
export function configMistakes(error: z.ZodError): string[] {
  return error.issues.map((issue) => {
    const path = issue.path.map(String).join(".");
    const message = issue.message.replace(/\.?$/, ".");
    return path === "" ? message : `"${path}": ${message}`;
  });
}

function portMistakes(config: RouterConfig): string[] {
  const uses = Object.entries(config.services).flatMap(([service, { ports }]) =>
    (["production", ...SLOTS] as const).map((route) => [String(ports[route]), `"${service}" ${route}`] as const),
  );
  return duplicates(uses).map(([port, users]) => `Port ${port} is given to ${users.join(" and ")}; each route needs a port of its own.`);
}

function idMistakes(config: RouterConfig): string[] {
  const uses = Object.entries(config.services).flatMap(([service, { slots }]) =>
    SLOTS.flatMap((slot) => slots[slot].instances.map(({ id }) => [id, `"${service}" ${slot}`] as const)),
  );
  return duplicates(uses).map(([id, users]) => `Instance "${id}" is listed in ${users.join(" and ")}; an instance id must be unique.`);
}

function duplicates(uses: readonly (readonly [key: string, user: string])[]): [key: string, users: string[]][] {
  const users = new Map<string, string[]>();
  for (const [key, user] of uses) users.set(key, [...(users.get(key) ?? []), user]);
  return [...users].filter(([, list]) => list.length > 1);
}
