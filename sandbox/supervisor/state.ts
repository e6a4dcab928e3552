import { z } from "zod";
import { digestSchema } from "../../model/digest.js";
import { nameSchema } from "../../model/names.js";
import type { ObservedService } from "../../model/rollout.js";
import { perSlot, type Slot } from "../../model/slot.js";
import { splitSchema } from "../../model/split.js";
import { slotSpecSchema } from "../../model/slot-spec.js";
import { alarmRequestSchema, routingRequestSchema } from "../protocol.js";

const portSchema = z.int().min(1).max(65_535);

const slotRecordSchema = z.strictObject({
  spec: slotSpecSchema,
  /** Wanted instances; 0: retired. */
  instances: z.int().min(0),
  /** Names of the wanted instances; each is recorded here before its process is started, and no name is used twice. */
  ids: z.array(z.string()),
  progressDeadlineMs: z.int().min(1),
  drainMs: z.int().min(0),
  environment: z.string(),
  labels: z.record(z.string(), z.string()),
  /** When these instances were asked for. */
  since: z.iso.datetime(),
  /** Whether every one of them was ready once. */
  everReady: z.boolean(),
  /** Why it was given up; its processes are stopped. */
  failure: z.string().nullable(),
});
/** What is recorded of a slot that holds a SlotSpec. */
export type SlotRecord = z.output<typeof slotRecordSchema>;

const serviceRecordSchema = z.strictObject({
  generation: z.int().min(0),
  live: z.enum(["blue", "green"]).nullable(),
  split: splitSchema.nullable(),
  returnTo: digestSchema.nullable(),
  routing: z
    .strictObject({
      request: routingRequestSchema,
      ports: z.strictObject({ production: portSchema, blue: portSchema, green: portSchema }),
    })
    .nullable(),
  slots: z.strictObject({ blue: slotRecordSchema.nullable(), green: slotRecordSchema.nullable() }),
});
/** What is recorded of a service. */
export type ServiceRecord = z.output<typeof serviceRecordSchema>;

const alarmRecordSchema = z.strictObject({
  request: alarmRequestSchema,
  state: z.enum(["ok", "alarm", "insufficient-data"]),
  since: z.iso.datetime(),
});
/** What is recorded of an alarm. */
export type AlarmRecord = z.output<typeof alarmRecordSchema>;

/** The whole of `state.json`: what is wanted. Holds no secret value and no pid. */
export const stateSchema = z.strictObject({
  format: z.literal(1),
  /** Marker of this sandbox's processes. */
  id: z.string().regex(/^[0-9a-f]{16,}$/),
  /** Where the sandbox was when it got its id; a copy elsewhere gets another. */
  directory: z.string(),
  /** Directory of the artifacts that the last supervisor was started with. */
  artifacts: z.string(),
  /** Number of the last instance that was named: over all services, so that a service that comes back uses no name twice. */
  serial: z.int().min(0),
  database: z.strictObject({ port: portSchema }).nullable(),
  services: z.record(nameSchema, serviceRecordSchema),
  alarms: z.record(z.string(), alarmRecordSchema),
});
/** See {@link stateSchema}. Never changed in place: a change makes a new one. */
export type State = z.output<typeof stateSchema>;

/** A service of which nothing is recorded. */
export const NO_SERVICE: ServiceRecord = { generation: 0, live: null, split: null, returnTo: null, routing: null, slots: { blue: null, green: null } };

/** The record of a service, an empty one when there is none. */
export function serviceOf(state: State, name: string): ServiceRecord {
  return Object.hasOwn(state.services, name) ? (state.services[name] ?? NO_SERVICE) : NO_SERVICE;
}

/** A state with another record of a service; a record that says nothing is left out. */
export function withService(state: State, name: string, record: ServiceRecord): State {
  const { [name]: _old, ...others } = state.services;
  const empty = record.split === null && record.routing === null && record.slots.blue === null && record.slots.green === null;
  return { ...state, services: empty ? others : { ...others, [name]: record } };
}

/** Ports that belong to the sandbox, whether somebody listens there now or not. */
export function reservedPorts(state: State): Set<number> {
  const routes = Object.values(state.services).flatMap(({ routing }) => (routing === null ? [] : Object.values(routing.ports)));
  return new Set([...routes, ...(state.database === null ? [] : [state.database.port])]);
}

/** A service record with another slot. */
export function withSlot(record: ServiceRecord, slot: Slot, held: SlotRecord | null): ServiceRecord {
  return { ...record, slots: { ...record.slots, [slot]: held } };
}

/** Whether a slot must not be touched: it has weight or is recorded live. */
export function inUse(record: ServiceRecord, slot: Slot): boolean {
  return record.split !== null && (record.live === slot || record.split.of(slot) > 0);
}

/** A service as `baseOf` wants it; readiness does not count there and is 0 here. */
export function observedOf(record: ServiceRecord): ObservedService {
  const { generation, live, split, returnTo } = record;
  return {
    generation,
    live,
    split,
    returnTo,
    slots: perSlot((slot) => {
      const held = record.slots[slot];
      return held && { spec: held.spec, instances: held.instances, ready: 0 };
    }),
  };
}
