import type { z } from "zod";
import { diagnose, formatDiagnostics } from "../../model/diagnostic.js";
import { nameSchema } from "../../model/names.js";
import type { Slot } from "../../model/slot.js";
import { alarmRequestSchema, alarmTestSchema, databaseRequestSchema, routingRequestSchema, slotRequestSchema, splitRequestSchema, stopRequestSchema } from "../protocol.js";
import type { AlarmTestResult, SandboxState, ServiceState } from "../protocol.js";
import type { Context } from "./context.js";
import type { Answer, Handle } from "./http-server.js";
import { Refusal } from "./refusal.js";
import { deleteAlarm, putAlarm } from "./requests/alarms.js";
import { databaseAccess, deleteDatabase, putDatabase } from "./requests/database.js";
import { deleteService } from "./requests/delete-service.js";
import { deleteSlot } from "./requests/delete-slot.js";
import { routerMetrics } from "./requests/router-metrics.js";
import { putRouting } from "./requests/put-routing.js";
import { putSlot } from "./requests/put-slot.js";
import { putSplit } from "./requests/put-split.js";

/** What the routes need of the supervisor beside its parts. */
export interface Desk {
  readonly context: Context;
  state(): SandboxState;
  service(name: string): ServiceState;
  /** See {@link AlarmDesk.test}. */
  testAlarm(name: string, id: string): Promise<AlarmTestResult["targets"]>;
  /** Begins to stop; does not wait for it. */
  stop(traffic: boolean): void;
}

const PATH = /^\/v1\/(?:(state|metrics|database|stop)|services\/([^/]+)(?:\/(routing|split)|\/slots\/(blue|green))?|alarms\/([^/]+)(\/test)?)$/;

/** The supervisor's requests, as `sandbox/protocol.ts` lists them. */
export function routes(desk: Desk): Handle {
  return async (method, path, body) => {
    const match = PATH.exec(path);
    if (match === null) throw new Refusal(404, `There is no "${path}".`);
    const [, fixed, service, part, slot, alarm, test] = match;
    const answer = await dispatch();
    function dispatch(): Promise<Answer | undefined> {
      if (alarm !== undefined) return test === undefined ? alarmRequest(desk, method, alarmName(alarm), body) : alarmTest(desk, method, alarmName(alarm), body);
      if (service === undefined) return fixedRequest(desk, method, fixed, body);
      if (slot === "blue" || slot === "green") return slotRequest(desk, method, serviceName(service), slot, body);
      return serviceRequest(desk, method, serviceName(service), part, body);
    }
    if (answer === undefined) throw new Refusal(404, `"${path}" does not understand ${method}.`);
    return answer;
  };
}

const ok = (body: unknown): Answer => ({ status: 200, body });
const accepted = (body: unknown): Answer => ({ status: 202, body });

async function fixedRequest(desk: Desk, method: string, what: string | undefined, body: unknown): Promise<Answer | undefined> {
  const { context } = desk;
  switch (`${method} ${what ?? ""}`) {
    case "GET state":
      return ok(desk.state());
    case "GET metrics":
      return ok(await routerMetrics(context));
    case "GET database":
      return ok(databaseAccess(context));
    case "PUT database":
      await putDatabase(context, read(databaseRequestSchema, body));
      return ok(desk.state());
    case "DELETE database":
      await deleteDatabase(context);
      return ok({});
    case "POST stop":
      desk.stop(read(stopRequestSchema, body).traffic);
      return accepted({});
    default:
      return undefined;
  }
}

async function slotRequest({ context }: Desk, method: string, service: string, slot: Slot, body: unknown): Promise<Answer | undefined> {
  switch (method) {
    case "GET":
      if (!Object.hasOwn(context.store.current.services, service) && !context.slots.of(service, slot).occupied) throw new Refusal(404, `There is no service "${service}".`);
      return ok(context.slots.of(service, slot).status);
    case "PUT":
      return accepted(await putSlot(context, service, slot, read(slotRequestSchema, body)));
    case "DELETE":
      await deleteSlot(context, service, slot);
      return accepted({});
    default:
      return undefined;
  }
}

async function serviceRequest(desk: Desk, method: string, service: string, part: string | undefined, body: unknown): Promise<Answer | undefined> {
  const { context } = desk;
  switch (`${method} ${part ?? ""}`) {
    case "DELETE ":
      await deleteService(context, service);
      return ok({});
    case "PUT routing":
      await putRouting(context, service, read(routingRequestSchema, body));
      return ok(desk.service(service));
    case "PUT split":
      await putSplit(context, service, read(splitRequestSchema, body));
      return ok(desk.service(service));
    default:
      return undefined;
  }
}

async function alarmRequest({ context }: Desk, method: string, alarm: string, body: unknown): Promise<Answer | undefined> {
  if (method === "PUT") await putAlarm(context, alarm, read(alarmRequestSchema, body));
  else if (method === "DELETE") await deleteAlarm(context, alarm);
  else return undefined;
  return ok({});
}

async function alarmTest(desk: Desk, method: string, alarm: string, body: unknown): Promise<Answer | undefined> {
  if (method !== "POST") return undefined;
  const result: AlarmTestResult = { targets: await desk.testAlarm(alarm, read(alarmTestSchema, body).id) };
  return ok(result);
}

function read<T>(schema: z.ZodType<T>, body: unknown): T {
  const parsed = schema.safeParse(body);
  if (!parsed.success) throw new Refusal(400, formatDiagnostics("The request is not understood:", withoutValues(parsed.error, body)));
  return parsed.data;
}

/** Diagnostics quote what was seen, which may be a secret's value. */
function withoutValues(error: z.ZodError, body: unknown) {
  return diagnose(error, body).map((each) => (each.path.startsWith("secrets") ? { ...each, message: "is not allowed; allowed is a text." } : each));
}

const ALARM_NAME = /^[a-z][a-z0-9-]{0,79}$/;

function serviceName(text: string): string {
  const parsed = nameSchema.safeParse(text);
  if (!parsed.success) throw new Refusal(400, `"${text}" is no name of a service; ${parsed.error.issues[0]?.message ?? ""}.`);
  return text;
}

function alarmName(text: string): string {
  if (!ALARM_NAME.test(text)) throw new Refusal(400, `"${text}" is no name of an alarm; allowed are 1 to 80 lower-case letters, digits and dashes, a letter first.`);
  return text;
}
