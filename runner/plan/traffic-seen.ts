import { windowBetween, type SlotCounters } from "../../model/slot-window.js";
import type { PerSlot } from "../../model/slot.js";
import type { PlatformAdapter } from "../platforms/adapter.js";
import { PlatformRefusal } from "../platforms/adapter.js";

type Counters = ReadonlyMap<string, PerSlot<SlotCounters | null>>;

/** Too short a time says nothing of how much traffic there is, milliseconds. */
const SHORTEST_MS = 1_000;

/**
 * Counts from now on how many requests services get.
 * @returns a function that tells the requests a second since then; services of which that is not known are left out
 */
export async function countTraffic(adapter: Pick<PlatformAdapter, "metrics">, services: readonly string[]): Promise<() => Promise<Readonly<Record<string, number>>>> {
  const before = await read(adapter, services);
  return async () => {
    const after = await read(adapter, services);
    return Object.fromEntries(services.flatMap((service) => of(before.get(service), after.get(service)).map((rate) => [service, rate] as const)));
  };
}

function of(before: PerSlot<SlotCounters | null> | undefined, after: PerSlot<SlotCounters | null> | undefined): number[] {
  if (before === undefined || after === undefined) return [];
  let rate = 0;
  let known = false;
  for (const slot of ["blue", "green"] as const) {
    const [first, last] = [before[slot], after[slot]];
    if (first === null && last === null) continue;
    const seen = first === null || last === null ? null : windowBetween(first, last);
    if (seen?.ok !== true || seen.window.milliseconds < SHORTEST_MS) return [];
    rate += (seen.window.requests * 1_000) / seen.window.milliseconds;
    known = true;
  }
  return known ? [rate] : [];
}

/** A platform that cannot tell now is no reason to have no plan. */
async function read(adapter: Pick<PlatformAdapter, "metrics">, services: readonly string[]): Promise<Counters> {
  const counters = new Map<string, PerSlot<SlotCounters | null>>();
  for (const service of services) {
    try {
      counters.set(service, await adapter.metrics(service));
    } catch (error) {
      if (!(error instanceof PlatformRefusal)) throw error;
    }
  }
  return counters;
}
