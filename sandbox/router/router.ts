import { isDeepStrictEqual } from "node:util";
import { SLOTS, type Slot } from "../../model/slot.js";
import { AccessLog } from "./access-log.js";
import { failsOpen } from "./choose.js";
import type { RouterConfig } from "./config.js";
import { Listener } from "./listener.js";
import { Metrics } from "./metrics.js";
import type { Door, Gateway } from "./passage.js";
import { buildTable, EMPTY_TABLE, Upstreams, type Table } from "./table.js";

/** How long to wait before a port that was in use at the start is tried again, in ms. */
const BIND_AGAIN_AFTER = 100;

/** What `GET /state` answers. */
export interface RouterState {
  readonly generation: number;
  readonly pid: number;
  readonly services: Readonly<
    Record<string, { split: { blue: number; green: number }; live: Slot; listening: boolean; failOpen: boolean }>
  >;
  /** Requests, streams and upgraded connections per instance id, also of instances that left the configuration; no zeros. */
  readonly inFlight: Readonly<Record<string, number>>;
}

/** A configuration that is older than the one in force. */
export class StaleGeneration extends Error {}

/** The router: one configuration in force, the ports it listens on, and what is counted. */
export class Router implements Gateway {
  readonly metrics = new Metrics(() => this.#table);
  readonly log: AccessLog;
  readonly #upstreams = new Upstreams();
  readonly #listeners = new Map<number, Listener>();
  readonly #ending = new Set<Promise<void>>();
  #table: Table = EMPTY_TABLE;
  #applying: Promise<unknown> = Promise.resolve();
  #closed = false;

  /** `directory` is where the access log goes. */
  constructor(directory: string) {
    this.log = new AccessLog(directory);
  }

  /** The table in force. */
  get table(): Table {
    return this.#table;
  }

  /**
   * Routes by a configuration from before a restart, at once, and listens on the ports that are free; a port that is
   * still taken is tried again until it is free. Resolves after the first try of every port.
   */
  async restore(config: RouterConfig): Promise<void> {
    this.#putInForce(config, []);
    await this.#bindMissing();
  }

  /**
   * Puts a configuration in force, wholly and in one step, and resolves with its generation when it is; a configuration
   * equal to the one in force changes nothing. Calls take effect in their order.
   * @throws StaleGeneration when a newer one is in force; PortError when a port is taken; then nothing has changed.
   */
  apply(config: RouterConfig): Promise<number> {
    const applied = this.#applying.then(() => this.#apply(config));
    this.#applying = applied.catch(() => undefined);
    return applied;
  }

  /** What is in force and what is in flight. */
  state(): RouterState {
    const services = [...this.#table.services.values()].map((service) => {
      const { ports, split, live } = service.config;
      const listening = Object.values(ports).every((port) => this.#listeners.has(port));
      return [service.name, { split: { ...split }, live, listening, failOpen: failsOpen(service) }] as const;
    });
    return {
      generation: this.#table.config.generation,
      pid: process.pid,
      services: Object.fromEntries(services),
      inFlight: this.#upstreams.inFlight(),
    };
  }

  /** Stops listening at once; resolves when all that is in flight has ended. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const port of this.#listeners.keys()) this.#end(port);
    await Promise.all(this.#ending);
  }

  async #apply(config: RouterConfig): Promise<number> {
    const { generation } = this.#table.config;
    if (config.generation < generation) {
      throw new StaleGeneration(
        `Generation ${config.generation} is older than ${generation}, which is in force; read the state again and send a higher one.`,
      );
    }
    if (config.generation === generation && isDeepStrictEqual(config, this.#table.config)) return generation;
    const known = doors(this.#table.config);
    const missing = [...doors(config)].filter(([port]) => !this.#listeners.has(port));
    const opened = await Promise.allSettled(missing.map(([port, door]) => Listener.open(port, door, this)));
    const listeners = opened.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
    // A port that the table in force has, too, was lost to a stranger while the router was down. It is tried again and again; that must not
    // stop weights, readiness and other services from being kept up to date.
    const failed = opened.find((result, index) => result.status === "rejected" && !known.has(missing[index]?.[0] ?? 0));
    if (failed !== undefined) {
      await Promise.all(listeners.map((listener) => listener.close()));
      throw (failed as PromiseRejectedResult).reason;
    }
    this.#putInForce(config, listeners);
    return config.generation;
  }

  /** The one step in which a configuration comes into force: nothing in here waits. */
  #putInForce(config: RouterConfig, opened: readonly Listener[]): void {
    const wanted = doors(config);
    this.#table = buildTable(config, this.#table, this.#upstreams, this.metrics);
    this.#upstreams.inForce(this.#table);
    this.metrics.forgetFormer();
    for (const listener of opened) this.#listeners.set(listener.port, listener);
    for (const [port, listener] of this.#listeners) {
      const door = wanted.get(port);
      if (door === undefined) this.#end(port);
      else listener.door = door;
    }
  }

  async #bindMissing(): Promise<void> {
    const missing = [...doors(this.#table.config)].filter(([port]) => !this.#listeners.has(port));
    const opened = await Promise.allSettled(missing.map(([port, door]) => Listener.open(port, door, this)));
    for (const result of opened) if (result.status === "fulfilled") this.#admit(result.value);
    if (opened.every(({ status }) => status === "fulfilled") || this.#closed) return;
    setTimeout(() => (this.#applying = this.#applying.then(() => this.#bindMissing())), BIND_AGAIN_AFTER);
  }

  #admit(listener: Listener): void {
    this.#listeners.set(listener.port, listener);
    if (this.#closed) this.#end(listener.port);
  }

  #end(port: number): void {
    const listener = this.#listeners.get(port);
    if (listener === undefined) return;
    this.#listeners.delete(port);
    const ended = listener.close().finally(() => this.#ending.delete(ended));
    this.#ending.add(ended);
  }
}

/** What each port of a configuration leads to. */
function doors(config: RouterConfig): Map<number, Door> {
  const entries = Object.entries(config.services).flatMap(([service, { ports }]) => [
    [ports.production, { service, only: undefined }] as const,
    ...SLOTS.map((slot) => [ports[slot], { service, only: slot }] as const),
  ]);
  return new Map<number, Door>(entries);
}
