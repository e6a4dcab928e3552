import type { Gauge as PromGauge } from "prom-client";
import { SLOTS, type Slot } from "../../model/slot.js";
import { failsOpen } from "./choose.js";
import { collectProcessMetrics, Counter, Gauge, Histogram, Registry } from "./slim.js";
import type { Table } from "./table.js";

const OUTCOMES = ["2xx", "3xx", "4xx", "5xx", "error"] as const;

/** How a request ended: the class of its status (an upgrade counts as 2xx), or `error` when no whole response came from an instance. */
export type Outcome = (typeof OUTCOMES)[number];

/** Upper bounds of the duration histogram in seconds: 1 ms to 30 s, finest where services answer. */
export const DURATION_BUCKETS = [
  0.001, 0.0025, 0.005, 0.0075, 0.01, 0.015, 0.02, 0.03, 0.04, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2, 3, 5, 10, 30,
] as const;

/** Releases that left the configuration but stay in the exposition, so that a last scrape still sees how they ended. */
const FORMER_RELEASES = 16;

/** Counts the requests of one release in one slot of one service. */
export class Meter {
  /** Requests that are being answered, upgraded connections included. */
  inFlight = 0;
  readonly #count: (outcome: Outcome) => void;
  readonly #observe: (seconds: number) => void;
  readonly #connectFailed: () => void;

  constructor(count: (outcome: Outcome) => void, observe: (seconds: number) => void, connectFailed: () => void) {
    this.#count = count;
    this.#observe = observe;
    this.#connectFailed = connectFailed;
  }

  /** Counts a request that ended after `seconds`. */
  ended(outcome: Outcome, seconds: number): void {
    this.#count(outcome);
    this.#observe(seconds);
  }

  /** Counts an attempt to reach an instance that failed; the request may have succeeded elsewhere. */
  connectFailed(): void {
    this.#connectFailed();
  }
}

/** The Prometheus metrics of the router. `table` returns the table in force. */
export class Metrics {
  readonly #registry = new Registry();
  readonly #table: () => Table;
  readonly #meters = new Map<string, { meter: Meter; labels: { service: string; slot: Slot; release: string } }>();
  #processMetrics = false;

  readonly #requests = new Counter({
    name: "mission_requests_total",
    help: "Requests that ended, by the class of their status; error: no whole response came from an instance.",
    labelNames: ["service", "slot", "release", "code"],
    registers: [this.#registry],
  });
  readonly #duration = new Histogram({
    name: "mission_request_duration_seconds",
    help: "Time from a request to the end of its response; of event streams and upgrades to its headers.",
    labelNames: ["service", "slot", "release"],
    buckets: [...DURATION_BUCKETS],
    registers: [this.#registry],
  });
  readonly #connectFailures = new Counter({
    name: "mission_connect_failures_total",
    help: "Attempts to connect to an instance that failed; the request is then tried elsewhere.",
    labelNames: ["service", "slot", "release"],
    registers: [this.#registry],
  });

  constructor(table: () => Table) {
    this.#table = table;
    const registers = [this.#registry];
    const inFlight: PromGauge = new Gauge({
      name: "mission_requests_in_flight",
      help: "Requests, streams and upgraded connections that have not ended.",
      labelNames: ["service", "slot"],
      registers,
      collect: () => this.#collectInFlight(inFlight),
    });
    const weight: PromGauge = new Gauge({
      name: "mission_split_weight",
      help: "Share of the production route that the slot is given, 0 to 100.",
      labelNames: ["service", "slot"],
      registers,
      collect: () => {
        weight.reset();
        for (const { name, slots } of this.#table().services.values()) {
          for (const slot of SLOTS) weight.set({ service: name, slot }, slots[slot].weight);
        }
      },
    });
    const failOpen: PromGauge = new Gauge({
      name: "mission_fail_open",
      help: "1 while no slot with weight has a healthy instance and requests go to the live slot nevertheless.",
      labelNames: ["service"],
      registers,
      collect: () => {
        failOpen.reset();
        for (const service of this.#table().services.values()) failOpen.set({ service: service.name }, failsOpen(service) ? 1 : 0);
      },
    });
  }

  /** The meter of a release in a slot, the same object every time. */
  meter(service: string, slot: Slot, release: string): Meter {
    const key = JSON.stringify([service, slot, release]);
    const known = this.#meters.get(key);
    if (known !== undefined) return known.meter;
    const labels = { service, slot, release };
    const meter = new Meter(
      (code) => this.#requests.inc({ ...labels, code }),
      (seconds) => this.#duration.observe(labels, seconds),
      () => this.#connectFailures.inc(labels),
    );
    this.#meters.set(key, { meter, labels });
    // Present from the start, so that "no errors yet" reads 0 and not as a missing series.
    for (const code of OUTCOMES) this.#requests.inc({ ...labels, code }, 0);
    this.#duration.zero(labels);
    return meter;
  }

  /** Drops the oldest releases that the table in force does not name, so that the exposition does not grow for ever. */
  forgetFormer(): void {
    const current = new Set<Meter>();
    for (const { slots } of this.#table().services.values()) for (const slot of SLOTS) current.add(slots[slot].meter);
    const former = [...this.#meters].filter(([, { meter }]) => !current.has(meter) && meter.inFlight === 0);
    for (const [key, { labels }] of former.slice(0, Math.max(0, former.length - FORMER_RELEASES))) {
      this.#meters.delete(key);
      this.#duration.remove(labels);
      this.#connectFailures.remove(labels);
      for (const code of OUTCOMES) this.#requests.remove({ ...labels, code });
    }
  }

  /** The content type of {@link expose}. */
  get contentType(): string {
    return this.#registry.contentType;
  }

  /** All metrics in the Prometheus text format. */
  expose(): Promise<string> {
    if (!this.#processMetrics) collectProcessMetrics(this.#registry);
    this.#processMetrics = true;
    return this.#registry.metrics();
  }

  #collectInFlight(gauge: PromGauge): void {
    gauge.reset();
    for (const { name } of this.#table().services.values()) for (const slot of SLOTS) gauge.set({ service: name, slot }, 0);
    for (const { meter, labels } of this.#meters.values()) {
      if (meter.inFlight > 0) gauge.inc({ service: labels.service, slot: labels.slot }, meter.inFlight);
    }
  }
}
