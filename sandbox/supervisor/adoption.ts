import { readFileSync } from "node:fs";
import { isAlive } from "../process/identity.js";
import { scanMarked, type MarkedProcess } from "../process/scan.js";
import { routerConfigSchema } from "../router/config.js";
import type { InstanceEntry } from "./process-book.js";

/** Milliseconds for requests in flight of an instance of which that is not recorded; with none in flight it is ended at once. */
const UNKNOWN_DRAIN = 30_000;

/** What an earlier supervisor started for an instance. */
export interface Adopted {
  readonly entry: InstanceEntry;
  /** Whether the router was told that it is ready. */
  readonly ready: boolean;
  /** Whether its process still runs. */
  readonly alive: boolean;
}

/** What was found at a start. */
export interface Findings {
  readonly instances: readonly Adopted[];
  /** Probes, and what instances left behind that are gone. */
  readonly strays: readonly MarkedProcess[];
}

/**
 * Looks for the instances of the sandbox with this marker: those that are recorded, by pid and start time, and those that were started
 * without being recorded, by their marker. `ready` is what {@link readyPorts} gives.
 */
export function findInstances(sandbox: string, recorded: readonly InstanceEntry[], ready: ReadonlySet<string>): Findings {
  const marked = scanMarked(sandbox).filter(({ role }) => role === "instance" || role === "probe");
  const entries = new Map(recorded.map((entry) => [entry.id, entry]));
  const living = new Set(recorded.filter(({ process }) => isAlive(process)).map(({ id }) => id));
  for (const each of marked) {
    const { instance, leader, role } = each;
    if (role !== "instance" || !leader || instance === null || living.has(instance)) continue;
    const earlier = entries.get(instance);
    const entry = entryOf(each, instance, earlier);
    // Another session with the port of a process that is gone is something that this one left behind; a new start gets a new port.
    if (entry === undefined || entry.port === earlier?.port) continue;
    entries.set(instance, entry);
    living.add(instance);
  }
  return {
    instances: [...entries.values()].map((entry) => ({ entry, ready: ready.has(`${entry.id} ${entry.port}`), alive: living.has(entry.id) })),
    strays: marked.filter(({ role, instance }) => role === "probe" || instance === null || !living.has(instance)),
  };
}

/** The instances that the last routing table calls ready, each as `id port`; none when there is no table. */
export function readyPorts(routerConfig: string): Set<string> {
  try {
    const { services } = routerConfigSchema.parse(JSON.parse(readFileSync(routerConfig, "utf8")));
    const instances = Object.values(services).flatMap(({ slots }) => [...slots.blue.instances, ...slots.green.instances]);
    return new Set(instances.filter(({ ready }) => ready).map(({ id, port }) => `${id} ${port}`));
  } catch {
    return new Set();
  }
}

function entryOf({ pid, start, environment }: MarkedProcess, id: string, earlier: InstanceEntry | undefined): InstanceEntry | undefined {
  const [service, slot, port] = [environment.get("MISSION_SERVICE"), environment.get("MISSION_SLOT"), Number(environment.get("PORT"))];
  if (service === undefined || (slot !== "blue" && slot !== "green") || !Number.isInteger(port)) return undefined;
  const restarts = earlier === undefined ? 0 : earlier.restarts + 1;
  return { id, service, slot, process: { pid, start }, port, startedAt: new Date().toISOString(), restarts, drainMs: earlier?.drainMs ?? UNKNOWN_DRAIN };
}
