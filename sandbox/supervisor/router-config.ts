import type { PerSlot } from "../../model/slot.js";
import { perSlot } from "../../model/slot.js";
import type { Instance, RoutedService, RouterConfig } from "../router/config.js";
import type { ServiceRecord, State } from "./state.js";

/** A routing table without its generation. */
export type Routes = Omit<RouterConfig, "generation">;

/**
 * The routing table that follows from what is recorded and which instances are there. A service is routed once it has routes and a split;
 * a slot routes only the instances that it wants, so that one that is leaving gets nothing new.
 */
export function routesOf(state: State, instancesOf: (service: string) => PerSlot<readonly Instance[]>): Routes {
  const services: Record<string, RoutedService> = {};
  for (const [name, record] of Object.entries(state.services)) {
    const routed = routedService(record, instancesOf(name));
    if (routed !== undefined) services[name] = routed;
  }
  const accessLog = Object.values(state.services).some(({ routing }) => routing?.request.accessLog === true);
  return { accessLog, services };
}

function routedService(record: ServiceRecord, instances: PerSlot<readonly Instance[]>): RoutedService | undefined {
  const { routing, live, split, slots } = record;
  if (routing === null || live === null || split === null) return undefined;
  const { headers, stickinessMs } = routing.request;
  return {
    ports: routing.ports,
    live,
    split: { blue: split.blue, green: split.green },
    slots: perSlot((slot) => ({ release: slots[slot]?.spec.version ?? null, instances: instances[slot] })),
    headers,
    stickiness: stickinessMs === null ? null : { maxAgeSeconds: Math.max(1, Math.round(stickinessMs / 1000)) },
  };
}
