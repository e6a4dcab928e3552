import { perSlot } from "../../model/slot.js";
import type { SandboxState, ServiceState, SlotStatus } from "../protocol.js";
import type { Slot } from "../../model/slot.js";
import { serviceOf, type ServiceRecord, type State } from "./state.js";

/** What runs, beside what is recorded. */
export interface Running {
  readonly build: string;
  readonly supervisor: SandboxState["supervisor"];
  readonly router: SandboxState["router"];
  readonly database: SandboxState["database"];
  slot(service: string, slot: Slot): SlotStatus;
  alarmValue(name: string): number | null;
}

/** The state of a sandbox as it is told. */
export function sandboxState(state: State, running: Running): SandboxState {
  const { build, supervisor, router, database } = running;
  return {
    build,
    supervisor,
    router,
    database,
    services: Object.fromEntries(Object.keys(state.services).map((name) => [name, serviceState(state, name, running)])),
    alarms: Object.fromEntries(Object.entries(state.alarms).map(([name, { request, state: now, since }]) => [name, { ...request, state: now, since, value: running.alarmValue(name) }])),
  };
}

/** The state of one service; of one that is not there, that it is empty. */
export function serviceState(state: State, name: string, running: Pick<Running, "slot">): ServiceState {
  const { generation, live, split, returnTo, routing }: ServiceRecord = serviceOf(state, name);
  const address = (port: number) => `http://127.0.0.1:${port}`;
  return {
    generation,
    live,
    split: split && { blue: split.blue, green: split.green },
    returnTo,
    slots: perSlot((slot) => running.slot(name, slot)),
    endpoints: routing && { production: address(routing.ports.production), blue: address(routing.ports.blue), green: address(routing.ports.green) },
    routing: routing?.request ?? null,
  };
}
