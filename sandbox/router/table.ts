import { perSlot, type PerSlot, type Slot } from "../../model/slot.js";
import type { RoutedService, RouterConfig } from "./config.js";
import type { Meter, Metrics } from "./metrics.js";
import { SmoothRoundRobin } from "./smooth-round-robin.js";
import { Upstream } from "./upstream.js";

/** An instance as one configuration sees it. */
export interface Member {
  readonly upstream: Upstream;
  readonly ready: boolean;
}

/** A slot as one configuration sees it. */
export interface SlotRoute {
  readonly slot: Slot;
  /** The release in the slot; `none` while it is empty. */
  readonly release: string;
  /** 0 to 100. */
  readonly weight: number;
  readonly members: readonly Member[];
  readonly meter: Meter;
  /** Where the turn of the next request among equally loaded instances begins. */
  turn: number;
}

/** A service as one configuration sees it. */
export interface ServiceRoute {
  readonly name: string;
  readonly config: RoutedService;
  readonly slots: PerSlot<SlotRoute>;
  /** Carried over while the split stays the same, so that shares stay exact when only instances change. */
  readonly turns: SmoothRoundRobin;
}

/** One configuration in the form that requests are routed by; never changed, only replaced as a whole. */
export interface Table {
  readonly config: RouterConfig;
  readonly services: ReadonlyMap<string, ServiceRoute>;
}

/** The table of a router that has been told nothing yet. */
export const EMPTY_TABLE: Table = { config: { generation: 0, accessLog: false, services: {} }, services: new Map() };

/** Every instance that is configured or still has something in flight, by id and port. */
export class Upstreams {
  readonly #known = new Map<string, Upstream>();

  /** The instance with this id on this port, the same object every time. */
  get(id: string, port: number): Upstream {
    const key = `${port} ${id}`;
    const upstream = this.#known.get(key) ?? new Upstream(id, port);
    this.#known.set(key, upstream);
    return upstream;
  }

  /** Enlists the instances of the table that comes into force, retires all others, and forgets those that have ended. */
  inForce(table: Table): void {
    const members = new Set(
      [...table.services.values()].flatMap(({ slots }) =>
        [...slots.blue.members, ...slots.green.members].map(({ upstream }) => upstream),
      ),
    );
    for (const [key, upstream] of this.#known) {
      if (members.has(upstream)) upstream.enlist();
      else if (upstream.inFlight > 0) upstream.retire();
      else {
        upstream.retire();
        this.#known.delete(key);
      }
    }
  }

  /** What is in flight, by instance id; ids with nothing in flight are left out. */
  inFlight(): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const { id, inFlight } of this.#known.values()) {
      if (inFlight > 0) counts[id] = (counts[id] ?? 0) + inFlight;
    }
    return counts;
  }
}

/** Prepares a configuration for routing; `before` is the table that it will replace. Nothing is in force yet. */
export function buildTable(config: RouterConfig, before: Table, upstreams: Upstreams, metrics: Metrics): Table {
  const services = new Map<string, ServiceRoute>();
  for (const [name, service] of Object.entries(config.services)) {
    const old = before.services.get(name);
    const same = old?.config.split.blue === service.split.blue && old.config.split.green === service.split.green;
    services.set(name, {
      name,
      config: service,
      slots: perSlot((slot) => slotRoute(name, service, slot, old?.slots[slot].turn ?? 0, upstreams, metrics)),
      turns: old !== undefined && same ? old.turns : new SmoothRoundRobin(),
    });
  }
  return { config, services };
}

function slotRoute(name: string, service: RoutedService, slot: Slot, turn: number, upstreams: Upstreams, metrics: Metrics): SlotRoute {
  const { release, instances } = service.slots[slot];
  return {
    slot,
    release: release ?? "none",
    weight: service.split[slot],
    members: instances.map(({ id, port, ready }) => ({ upstream: upstreams.get(id, port), ready })),
    meter: metrics.meter(name, slot, release ?? "none"),
    turn,
  };
}
