import type { IncomingMessage } from "node:http";
import type { Slot } from "../../model/slot.js";
import type { AccessLog } from "./access-log.js";
import { choose, honoured, type Target } from "./choose.js";
import type { Outcome } from "./metrics.js";
import { cookieFor, slotOfCookie } from "./sticky.js";
import type { ServiceRoute, Table } from "./table.js";
import type { Upstream } from "./upstream.js";

/** Errors of a connect that say something of this process and nothing of the instance. */
const OWN_SHORTAGE = new Set(["EMFILE", "ENFILE", "ENOBUFS", "ENOMEM", "EADDRNOTAVAIL"]);

/** What a port leads to. */
export interface Door {
  readonly service: string;
  /** The slot of a test route; undefined on the production route. */
  readonly only: Slot | undefined;
}

/** What the handling of a request needs to know of the router. */
export interface Gateway {
  /** The table in force; read anew for every choice, so that each choice obeys one configuration wholly. */
  readonly table: Table;
  readonly log: AccessLog;
}

/** The way of one request through the router: where it is sent, and what is counted and logged of it. */
export class Passage {
  /** Where the request was sent last, also when that did not succeed. */
  target: Target | undefined;
  /** Why the client got no whole response from an instance. */
  error: string | undefined;
  readonly #gateway: Gateway;
  readonly #door: Door;
  readonly #request: IncomingMessage;
  readonly #at = Date.now();
  readonly #begun = performance.now();
  #service: ServiceRoute | undefined;
  #cookie: Slot | undefined;
  #tried: Set<Upstream> | undefined;
  #inside = false;
  #counted = false;

  constructor(gateway: Gateway, door: Door, request: IncomingMessage) {
    this.#gateway = gateway;
    this.#door = door;
    this.#request = request;
  }

  /** Chooses where to send the request now, and counts it as in flight there; undefined when nothing is left to try. */
  next(): Target | undefined {
    const before = this.target?.route.slot;
    this.leave();
    const service = this.#gateway.table.services.get(this.#door.service);
    this.#service = service;
    if (service === undefined) return undefined;
    const { only } = this.#door;
    const rather = before ?? (only === undefined ? this.#stickySlot(service) : undefined);
    const target = choose(service, { only, rather, tried: this.#tried });
    if (target === undefined) return undefined;
    target.upstream.inFlight++;
    target.route.meter.inFlight++;
    this.target = target;
    this.#inside = true;
    return target;
  }

  /** Notes that no connection to the target could be made: nothing was sent, and no others are sent there for now. */
  unreachable(error: NodeJS.ErrnoException): void {
    if (this.target === undefined) return;
    if (!OWN_SHORTAGE.has(error.code ?? "")) this.target.upstream.markDown();
    this.#tried ??= new Set();
    this.#tried.add(this.target.upstream);
    this.target.route.meter.connectFailed();
  }

  /** Adds what the router tells the client: slot and release, and the cookie of a client that is new to its slot. */
  announce(headers: string[]): string[] {
    const { target } = this;
    if (this.#service === undefined || target === undefined) return headers;
    const { headers: announced, stickiness } = this.#service.config;
    let all = headers;
    if (announced) {
      all = headers.filter((_, at) => !/^x-mission-(slot|release)$/i.test(headers[at & ~1]!));
      all.push("x-mission-slot", target.route.slot, "x-mission-release", target.route.release);
    }
    if (stickiness !== null && this.#door.only === undefined && this.#cookie !== target.route.slot) {
      all.push("set-cookie", cookieFor(this.#service.name, target.route.slot, stickiness.maxAgeSeconds));
    }
    return all;
  }

  /** Counts the request with this status, once; later calls do nothing. */
  count(status: number): void {
    if (this.#counted) return;
    this.#counted = true;
    const service = this.#service;
    const meter = this.target?.route.meter ?? service?.slots[this.#door.only ?? service.config.live].meter;
    meter?.ended(this.error === undefined ? outcomeOf(status) : "error", (performance.now() - this.#begun) / 1000);
  }

  /** Ends the passage: nothing is in flight any more; counted unless it was, and logged. */
  end(status: number): void {
    this.count(status);
    if (this.#gateway.table.config.accessLog) this.#logLine(status);
    this.leave();
  }

  /** Nothing is in flight at the target any more. */
  leave(): void {
    if (!this.#inside || this.target === undefined) return;
    this.#inside = false;
    this.target.upstream.inFlight--;
    this.target.route.meter.inFlight--;
  }

  #stickySlot(service: ServiceRoute): Slot | undefined {
    if (service.config.stickiness === null) return undefined;
    const slot = slotOfCookie(service.name, this.#request.headers.cookie);
    this.#cookie = slot;
    return slot !== undefined && honoured(service, slot) ? slot : undefined;
  }

  #logLine(status: number): void {
    const { target } = this;
    const { method = "", url = "", headers } = this.#request;
    const id = headers["x-request-id"];
    const query = url.indexOf("?");
    this.#gateway.log.write({
      time: new Date(this.#at).toISOString(),
      service: this.#door.service,
      slot: target?.route.slot ?? this.#door.only ?? "none",
      instance: target?.upstream.id ?? null,
      release: target?.route.release ?? "none",
      method,
      path: query === -1 ? url : url.slice(0, query),
      status,
      ms: Math.round((performance.now() - this.#begun) * 100) / 100,
      id: id === undefined ? null : String(id),
      ...(this.error === undefined ? {} : { error: this.error }),
    });
  }
}

function outcomeOf(status: number): Outcome {
  if (status < 300) return "2xx";
  if (status < 400) return "3xx";
  return status < 500 ? "4xx" : "5xx";
}
