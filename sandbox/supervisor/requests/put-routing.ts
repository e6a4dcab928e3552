import { canonicalJson } from "../../../model/digest.js";
import { freePort, isFree } from "../../process/free-port.js";
import type { RoutingRequest } from "../../protocol.js";
import type { Context } from "../context.js";
import { conflict } from "../refusal.js";
import { reservedPorts, serviceOf, withService, type ServiceRecord } from "../state.js";
import { portRefusal, savePushed } from "./save-pushed.js";

const ROUTES = ["production", "blue", "green"] as const;
type Route = (typeof ROUTES)[number];
type Ports = Readonly<Record<Route, number>>;

/** `PUT /v1/services/:service/routing` Ports that are not wanted are given by the system once and kept. @throws Refusal */
export async function putRouting(context: Context, service: string, request: RoutingRequest): Promise<void> {
  const { store } = context;
  await store.exclusive(async (save) => {
    const record = serviceOf(store.current, service);
    checkDistinct(context, service, request);
    const ports = await choosePorts(service, record, request, reservedPorts(store.current));
    const routing = { request, ports };
    if (canonicalJson(routing) === canonicalJson(record.routing)) return context.router.push();
    await savePushed(context, save, withService(store.current, service, { ...record, routing }));
  });
}

async function choosePorts(service: string, record: ServiceRecord, { ports: wanted }: RoutingRequest, reserved: ReadonlySet<number>): Promise<Ports> {
  const known = record.routing?.ports;
  const own = new Set<number>(known === undefined ? [] : Object.values(known));
  const taken = new Set(Object.values(wanted));
  const chosen: Partial<Record<Route, number>> = {};
  for (const route of ROUTES) {
    const wish = wanted[route];
    const kept = known?.[route];
    if (wish !== undefined) {
      if (!own.has(wish) && !(await isFree(wish))) throw portRefusal(wish, `${route} of service "${service}"`);
      chosen[route] = wish;
    } else {
      // A kept port that another route of this request takes over is given up.
      chosen[route] = kept !== undefined && !taken.has(kept) ? kept : await freePort(reserved);
    }
  }
  return { production: chosen.production ?? 0, blue: chosen.blue ?? 0, green: chosen.green ?? 0 };
}

function checkDistinct({ store }: Context, service: string, { ports: wanted }: RoutingRequest): void {
  const uses = new Map<number, string>();
  for (const [name, { routing }] of Object.entries(store.current.services)) {
    if (name !== service && routing !== null) for (const route of ROUTES) uses.set(routing.ports[route], `${route} of service "${name}"`);
  }
  for (const route of ROUTES) {
    const port = wanted[route];
    if (port === undefined) continue;
    const user = uses.get(port);
    if (user !== undefined) throw conflict("port", `Port ${port} is wanted for ${route} of service "${service}" and is given to ${user}; choose another.`, { port });
    uses.set(port, `${route} of service "${service}"`);
  }
}
