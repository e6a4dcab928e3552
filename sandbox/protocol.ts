import { z } from "zod";
import type { Delivery } from "../delivery/deliver.js";
import { digestSchema } from "../model/digest.js";
import { nameSchema, variableNameSchema } from "../model/names.js";
import type { PerSlot, Slot } from "../model/slot.js";
import { slotSpecSchema, type SlotSpec } from "../model/slot-spec.js";
import { splitSchema } from "../model/split.js";

/*
 * What the supervisor of a sandbox understands: JSON over HTTP on 127.0.0.1, with `authorization: Bearer <token>`.
 * Address in `<sandbox>/supervisor.json`, token in `<sandbox>/token` (mode 0600).
 *
 *   GET    /v1/state                              SandboxState
 *   GET    /v1/metrics                            RouterMetrics
 *   PUT    /v1/database                           DatabaseRequest     -> SandboxState
 *   GET    /v1/database                           DatabaseAccess: its address with the password
 *   DELETE /v1/database                           and its data
 *   PUT    /v1/services/:service/slots/:slot      SlotRequest         -> 202; then GET until phase is "ready" or "failed"
 *   GET    /v1/services/:service/slots/:slot      SlotStatus
 *   DELETE /v1/services/:service/slots/:slot      202; its instances drain
 *   PUT    /v1/services/:service/routing          RoutingRequest      -> ServiceState
 *   PUT    /v1/services/:service/split            SplitRequest        -> ServiceState
 *   DELETE /v1/services/:service                  (its split and routes; before its slots)
 *   PUT    /v1/alarms/:name                       AlarmRequest
 *   DELETE /v1/alarms/:name
 *   POST   /v1/alarms/:name/test                  AlarmTest           -> AlarmTestResult, when every target was told or could not be
 *   POST   /v1/stop                               {traffic: boolean}: ends the supervisor, with traffic: true everything else too
 *
 * A refusal is 409 (state does not allow it: `{error, code}`) or 400 (`{error}`); 404 for what is not there; 401 without the token;
 * 500 or 503 with a code when the machine does not let it ("disk", "router") or the supervisor is "stopping". Codes of 409:
 *
 *   base         the service is no longer what the writer's decision rests on
 *   slot-in-use  the slot has weight or is recorded live
 *   artifact     there is no such artifact here            digest      its contents are not what its digest says
 *   not-ready    a slot that is to get weight is not ready  exists      a first split, but there is another one already
 *   no-routing   a split for a service without routes       live        a first split that does not give its live slot 100
 *   port         the port is in use                         database    the slot needs a database that is not there, or it is in use
 *
 * A service's generation grows with each write that changes what a decision can rest on: a slot's contents or capacity, the split, the live
 * slot, `returnTo`. Labels, deadlines and routes are not part of that, nor is a failed slot that is tried again.
 */

/** What a slot is to hold. Idempotent: the same request again changes nothing, except that a failed slot is tried again. */
export const slotRequestSchema = z.strictObject({
  spec: slotSpecSchema.nullable(),
  /** 0 to 100; 0 keeps the spec and gives up the capacity. */
  instances: z.int().min(0).max(100),
  /** `baseOf` what the writer's decision rests on. Refused with code "base" when the service is no longer so, unless nothing would change. */
  base: digestSchema,
  /** Values of the spec's secrets. A request with the SlotSpec that the slot has may leave them out: those that it has stay. */
  secrets: z.record(variableNameSchema, z.string()),
  /** Milliseconds until every instance must be ready. */
  progressDeadlineMs: z.int().min(1),
  /** Milliseconds that requests in flight get before an instance is stopped. */
  drainMs: z.int().min(0),
  /** MISSION_ENVIRONMENT of the instances: `staging` or `production`. */
  environment: z.string(),
  /** For people and dashboards; a change of labels alone restarts nothing. */
  labels: z.record(z.string(), z.string()),
});
export type SlotRequest = z.output<typeof slotRequestSchema>;

/** Everything about a service's routes except its split. */
export const routingRequestSchema = z.strictObject({
  /** Wanted ports; one that is left out is given by the system once and kept. */
  ports: z.strictObject({ production: z.int().optional(), blue: z.int().optional(), green: z.int().optional() }),
  headers: z.boolean(),
  /** Milliseconds a client stays on its slot; null: not sticky. */
  stickinessMs: z.int().min(1).nullable(),
  accessLog: z.boolean(),
});
export type RoutingRequest = z.output<typeof routingRequestSchema>;

/** Live slot and weights, written together. */
export const splitRequestSchema = z.strictObject({
  live: z.enum(["blue", "green"]),
  split: splitSchema,
  returnTo: digestSchema.nullable(),
  /** As in SlotRequest; null only for the first split of a service. */
  base: digestSchema.nullable(),
});
export type SplitRequest = z.input<typeof splitRequestSchema>;

/** A limit on one metric of one service. */
export const alarmRequestSchema = z.strictObject({
  service: nameSchema,
  metric: z.enum(["error-rate", "latency-p95", "availability"]),
  /** error-rate and availability: a share from 0 to 1; latency-p95: milliseconds. Error rate and latency alarm above it, availability below it. */
  threshold: z.number().min(0),
  /** Milliseconds that are looked back over. */
  windowMs: z.int().min(1_000),
  targets: z.array(z.discriminatedUnion("type", [z.strictObject({ type: z.literal("file"), path: z.string() }), z.strictObject({ type: z.literal("webhook"), url: z.string() })])),
});
export type AlarmRequest = z.output<typeof alarmRequestSchema>;

/** A notification that is marked as a test and goes to all targets of an alarm. */
export const alarmTestSchema = z.strictObject({
  /** What the test is known by again at its target. */
  id: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/, "allowed are 1 to 100 letters, digits, dots, dashes and underscores, a letter or digit first"),
});
export type AlarmTest = z.output<typeof alarmTestSchema>;

/** What became of a test, per target. */
export interface AlarmTestResult {
  readonly targets: readonly Delivery[];
}

export const databaseRequestSchema = z.strictObject({
  /** Wanted port; null: given by the system once and kept. */
  port: z.int().nullable(),
});
export type DatabaseRequest = z.output<typeof databaseRequestSchema>;

export const stopRequestSchema = z.strictObject({
  /** Whether instances, router and database end too. */
  traffic: z.boolean(),
});

/** How to reach the database. Not part of the state, because it holds the password. */
export interface DatabaseAccess {
  readonly url: string;
  readonly ready: boolean;
}

/** What the router exposes, as it stands. */
export interface RouterMetrics {
  /** Pid of the router that counted: another one has begun at 0. */
  readonly router: number;
  /** When it was read, milliseconds since 1970. */
  readonly at: number;
  /** Prometheus' text format. */
  readonly text: string;
}

/** One process of a slot. */
export interface InstanceStatus {
  readonly id: string;
  readonly pid: number | null;
  /** 0 before its first process was started. */
  readonly port: number;
  readonly ready: boolean;
  /** Not wanted any more: the router gives it nothing new, and it ends when nothing is in flight or its drain time is over. */
  readonly leaving: boolean;
  readonly startedAt: string;
  /** Times it was started again, since the slot got its spec. */
  readonly restarts: number;
}

/** `starting` until every instance was ready once; `failed` after the progress deadline or the crash-loop limit (processes stopped). */
export type SlotPhase = "empty" | "starting" | "ready" | "failed" | "retired";

export interface SlotStatus {
  readonly spec: SlotSpec | null;
  readonly instances: number;
  readonly phase: SlotPhase;
  /** In words, for a person: why it failed or what it waits for, with the last lines of its log. */
  readonly reason: string | null;
  readonly processes: readonly InstanceStatus[];
  readonly labels: Readonly<Record<string, string>>;
}

export interface ServiceState {
  readonly generation: number;
  readonly live: Slot | null;
  readonly split: { readonly blue: number; readonly green: number } | null;
  readonly returnTo: string | null;
  readonly slots: PerSlot<SlotStatus>;
  /** Null before routing was set. Addresses such as http://127.0.0.1:40001. */
  readonly endpoints: { readonly production: string; readonly blue: string; readonly green: string } | null;
  readonly routing: RoutingRequest | null;
}

export type AlarmState = "ok" | "alarm" | "insufficient-data";

export interface SandboxState {
  /** Hash of the program's build that this supervisor runs. */
  readonly build: string;
  readonly supervisor: { readonly pid: number };
  readonly router: { readonly pid: number; readonly generation: number } | null;
  readonly database: { readonly port: number; readonly pid: number | null; readonly ready: boolean } | null;
  readonly services: Readonly<Record<string, ServiceState>>;
  readonly alarms: Readonly<Record<string, AlarmRequest & { readonly state: AlarmState; readonly since: string; readonly value: number | null }>>;
}
