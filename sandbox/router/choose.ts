import { otherSlot, type Slot } from "../../model/slot.js";
import type { Member, ServiceRoute, SlotRoute } from "./table.js";
import type { Upstream } from "./upstream.js";

/** Where a request goes. */
export interface Target {
  readonly route: SlotRoute;
  readonly upstream: Upstream;
}

/** What narrows a choice. */
export interface Wish {
  /** The slot of a test route: no other slot will do. */
  readonly only?: Slot | undefined;
  /** The slot of a cookie or of an attempt that failed: taken while it has weight and a healthy instance. */
  readonly rather?: Slot | undefined;
  /** Instances that refused this very request. */
  readonly tried?: ReadonlySet<Upstream> | undefined;
}

const NOT_TRIED: ReadonlySet<Upstream> = new Set();

/**
 * Chooses an instance. On the production route a slot takes part while it has weight and a healthy instance (ready, and
 * not refusing connections); with both taking part, smooth weighted round robin decides. When none takes part the choice
 * fails open to the live slot, healthy or not. Undefined when there is no instance left to try.
 */
export function choose(service: ServiceRoute, { only, rather, tried = NOT_TRIED }: Wish): Target | undefined {
  if (only !== undefined) return instanceOf(service.slots[only], tried);
  const blue = takesPart(service.slots.blue, tried);
  const green = takesPart(service.slots.green, tried);
  let slot: Slot;
  if (blue && green) slot = rather ?? service.turns.next(service.config.split);
  else if (blue || green) slot = blue ? "blue" : "green";
  else slot = service.config.live;
  return instanceOf(service.slots[slot], tried);
}

/** Whether a cookie that names this slot is honoured. */
export function honoured(service: ServiceRoute, slot: Slot): boolean {
  return takesPart(service.slots[slot], NOT_TRIED);
}

/** Whether requests of the production route go to the live slot because no slot with weight has a healthy instance. */
export function failsOpen(service: ServiceRoute): boolean {
  const { slots, config } = service;
  return slots[config.live].members.length > 0 && !honoured(service, config.live) && !honoured(service, otherSlot(config.live));
}

function takesPart(route: SlotRoute, tried: ReadonlySet<Upstream>): boolean {
  return route.weight > 0 && route.members.some((member) => healthy(member) && !tried.has(member.upstream));
}

function healthy({ ready, upstream }: Member): boolean {
  return ready && !upstream.down;
}

/** The instance with the least in flight, in turn among equals; one that is not healthy only when no other is left. */
function instanceOf(route: SlotRoute, tried: ReadonlySet<Upstream>): Target | undefined {
  const { members } = route;
  let best: Member | undefined;
  for (let step = 0; step < members.length; step++) {
    const member = members[(route.turn + step) % members.length];
    if (member === undefined || tried.has(member.upstream)) continue;
    if (best === undefined || rank(member) > rank(best)) best = member;
    else if (rank(member) === rank(best) && member.upstream.inFlight < best.upstream.inFlight) best = member;
  }
  if (best === undefined) return undefined;
  route.turn = (members.indexOf(best) + 1) % members.length;
  return { route, upstream: best.upstream };
}

function rank({ ready, upstream }: Member): number {
  return (upstream.down ? 0 : 2) + (ready ? 1 : 0);
}
