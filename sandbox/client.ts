import { setTimeout as sleep } from "node:timers/promises";
import type { z } from "zod";
import type { Slot } from "../model/slot.js";
import { ensureSupervisor, type SandboxPlace } from "./client/ensure.js";
import { SandboxRefusal, SandboxUnreachable } from "./client/errors.js";
import { stopSandbox } from "./client/stop.js";
import { ask } from "./client/wire.js";
import type { AlarmRequest, AlarmTestResult, DatabaseAccess, DatabaseRequest, RouterMetrics, RoutingRequest, SandboxState, ServiceState, SlotRequest, SlotStatus, splitRequestSchema } from "./protocol.js";

export { SandboxRefusal, SandboxUnreachable } from "./client/errors.js";
export { readOffline } from "./client/offline.js";
export { startScratchDatabase, type ScratchDatabase } from "./database/scratch.js";
export { removeSandbox, stopSandbox } from "./client/stop.js";
export { toObserved } from "./observed.js";
export type { SandboxPlace } from "./client/ensure.js";

/** A split as it is asked for; the weights may be plain numbers. */
export type SplitChange = Omit<z.output<typeof splitRequestSchema>, "split"> & { readonly split: { readonly blue: number; readonly green: number } };

/** Milliseconds between two looks at something that is waited for. */
const LOOK = 50;
/** Milliseconds that no supervisor may answer before waiting for a slot gives up. */
const SILENCE = 30_000;

/**
 * The supervisor of one sandbox. Every method throws SandboxRefusal when the sandbox does not do what it is asked, and SandboxUnreachable
 * when no supervisor answers. A client stays good when another supervisor takes over.
 */
export class SandboxClient {
  readonly directory: string;
  /** How to get a supervisor again; null when this client must not start one. */
  readonly #place: SandboxPlace | null;

  private constructor(directory: string, place: SandboxPlace | null) {
    this.directory = directory;
    this.#place = place;
  }

  /** To the supervisor that runs. @throws SandboxUnreachable when none answers; starts none. */
  static async connect(directory: string): Promise<SandboxClient> {
    await ask(directory, "GET", "/v1/state");
    return new SandboxClient(directory, null);
  }

  /** To the supervisor that runs, or to one that is started; see {@link ensureSupervisor}. */
  static async ensure(place: SandboxPlace): Promise<SandboxClient> {
    await ensureSupervisor(place);
    return new SandboxClient(place.directory, place);
  }

  state(): Promise<SandboxState> {
    return this.#ask("GET", "/v1/state");
  }

  /** What the router has counted. @throws SandboxRefusal "router" while none answers */
  metrics(): Promise<RouterMetrics> {
    return this.#ask("GET", "/v1/metrics");
  }

  /** Resolves when the database accepts connections. */
  putDatabase(request: DatabaseRequest): Promise<SandboxState> {
    return this.#ask("PUT", "/v1/database", request);
  }

  /** Address of the database, password included. @throws SandboxRefusal "absent" when there is none. */
  databaseAccess(): Promise<DatabaseAccess> {
    return this.#ask("GET", "/v1/database");
  }

  /** Removes the database and its data; one that is not there is fine. */
  deleteDatabase(): Promise<void> {
    return this.#remove("/v1/database");
  }

  /** Resolves when the wish is recorded; {@link waitForSlot} waits for what comes of it. */
  putSlot(service: string, slot: Slot, request: SlotRequest): Promise<SlotStatus> {
    return this.#ask("PUT", slotPath(service, slot), request);
  }

  slot(service: string, slot: Slot): Promise<SlotStatus> {
    return this.#ask("GET", slotPath(service, slot));
  }

  /** Resolves when the slot's processes have ended, after their requests in flight; an empty slot is fine. */
  async deleteSlot(service: string, slot: Slot, options: { readonly signal?: AbortSignal } = {}): Promise<void> {
    await this.#remove(slotPath(service, slot));
    for (;;) {
      const status = await this.slot(service, slot).catch((error: unknown) => {
        if (error instanceof SandboxRefusal && error.status === 404) return undefined;
        throw error;
      });
      if (status === undefined || status.processes.length === 0) return;
      await sleep(LOOK, undefined, options);
    }
  }

  /**
   * Waits until a slot is `ready` or `failed`, or holds nothing that could become so and has no process left. Goes on waiting when the
   * supervisor dies: a client made by {@link ensure} starts another one, others wait 30 s for somebody else to do that.
   * @throws the signal's reason when it is aborted; SandboxUnreachable
   */
  async waitForSlot(service: string, slot: Slot, options: { readonly signal?: AbortSignal } = {}): Promise<SlotStatus> {
    let answered = performance.now();
    for (;;) {
      options.signal?.throwIfAborted();
      const status = await this.slot(service, slot).catch(async (error: unknown) => {
        if (!(error instanceof SandboxUnreachable) || performance.now() - answered > SILENCE) throw error;
        if (this.#place !== null) await ensureSupervisor(this.#place);
        return undefined;
      });
      if (status !== undefined) answered = performance.now();
      if (status !== undefined && status.phase !== "starting" && (status.phase === "ready" || status.phase === "failed" || status.processes.length === 0)) return status;
      await sleep(LOOK, undefined, options);
    }
  }

  putRouting(service: string, request: RoutingRequest): Promise<ServiceState> {
    return this.#ask("PUT", `/v1/services/${service}/routing`, request);
  }

  /** Resolves when the router routes by it. */
  putSplit(service: string, request: SplitChange): Promise<ServiceState> {
    const { live, split, returnTo, base } = request;
    return this.#ask("PUT", `/v1/services/${service}/split`, { live, split: { blue: split.blue, green: split.green }, returnTo, base });
  }

  /** Removes a service's split and routes; one that has none is fine. */
  deleteService(service: string): Promise<void> {
    return this.#remove(`/v1/services/${service}`);
  }

  async putAlarm(name: string, request: AlarmRequest): Promise<void> {
    await this.#ask("PUT", `/v1/alarms/${name}`, request);
  }

  /** One that is not there is fine. */
  deleteAlarm(name: string): Promise<void> {
    return this.#remove(`/v1/alarms/${name}`);
  }

  /**
   * Sends a notification that is marked as a test and carries the id the way that the alarm itself would go.
   * @returns what became of it, per target. @throws SandboxRefusal "absent" when there is no such alarm
   */
  async testAlarm(name: string, id: string): Promise<AlarmTestResult["targets"]> {
    return (await this.#ask<AlarmTestResult>("POST", `/v1/alarms/${name}/test`, { id })).targets;
  }

  /** Ends the supervisor, with `traffic` everything else too; see {@link stopSandbox}. */
  stop(options: { readonly traffic: boolean }): Promise<void> {
    return stopSandbox(this.directory, options);
  }

  // The supervisor is part of this program: its answers are what the types say.
  async #ask<T>(method: string, path: string, body?: unknown): Promise<T> {
    return (await ask(this.directory, method, path, body)) as T;
  }

  async #remove(path: string): Promise<void> {
    try {
      await this.#ask("DELETE", path);
    } catch (error) {
      if (!(error instanceof SandboxRefusal && error.status === 404)) throw error;
    }
  }
}

function slotPath(service: string, slot: Slot): string {
  return `/v1/services/${service}/slots/${slot}`;
}
