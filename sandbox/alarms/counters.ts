import type { Sample } from "./exposition.js";

/** What was counted of one service, over some time or since the counting began. */
export interface Counts {
  readonly requests: number;
  /** 5xx, and requests without a whole answer. */
  readonly errors: number;
  /** Bounds of the duration histogram in seconds (+Inf last) and how many requests were at most as slow. */
  readonly buckets: ReadonlyMap<number, number>;
}

/** Requests, errors, then one count for each bound, in the order in which the bounds were first seen. */
type Totals = Float64Array<ArrayBuffer>;

interface Moment {
  readonly at: number;
  readonly totals: ReadonlyMap<string, Totals>;
}

const REQUESTS = 0;
const ERRORS = 1;
const FIRST_BOUND = 2;

/**
 * Adds up the counters of a router that may begin again at 0, and answers what was counted in a window. Times are milliseconds on one clock.
 */
export class CounterHistory {
  readonly #bounds: number[] = [];
  #router: number | null = null;
  #last = new Map<string, number>();
  #totals = new Map<string, Totals>();
  #moments: Moment[] = [];

  /**
   * Takes what the router with this pid exposes now, and forgets what is not needed to look back over `keepMs`. The first exposition of
   * all is where counting begins.
   */
  add(at: number, keepMs: number, router: number, samples: readonly Sample[]): void {
    const first = this.#router === null;
    if (this.#router !== router) this.#last = new Map();
    this.#router = router;
    this.#totals = new Map([...this.#totals].map(([service, totals]) => [service, totals.slice()]));
    const present = new Map<string, number>();
    for (const sample of samples) this.#count(sample, first, present);
    this.#last = present;
    this.#moments.push({ at, totals: this.#totals });
    // One moment before the window is needed to subtract from.
    const outside = this.#moments.findLastIndex((moment) => moment.at <= at - keepMs);
    if (outside > 0) this.#moments.splice(0, outside);
  }

  /** What was counted of a service in the `windowMs` before `now`; undefined when nothing was read in that time. */
  within(service: string, windowMs: number, now: number): Counts | undefined {
    const newest = this.#moments.at(-1);
    if (newest === undefined || newest.at <= now - windowMs) return undefined;
    const from = this.#moments.findLast((moment) => moment.at <= now - windowMs) ?? this.#moments[0];
    const [later, earlier] = [newest.totals.get(service), from?.totals.get(service)];
    const difference = (index: number) => (later?.[index] ?? 0) - (earlier?.[index] ?? 0);
    const buckets = new Map(this.#bounds.map((bound, index) => [bound, difference(FIRST_BOUND + index)]));
    return { requests: difference(REQUESTS), errors: difference(ERRORS), buckets };
  }

  #count({ name, labels, value }: Sample, first: boolean, present: Map<string, number>): void {
    const service = labels.get("service");
    const indices = service === undefined ? [] : this.#indicesOf(name, labels);
    if (service === undefined || indices.length === 0) return;
    const key = `${name} ${JSON.stringify([...labels])}`;
    const before = this.#last.get(key) ?? 0;
    present.set(key, value);
    const more = first ? 0 : value >= before ? value - before : value;
    const totals = this.#roomFor(service);
    for (const index of indices) totals[index] = (totals[index] ?? 0) + more;
  }

  /** Where a line is added to. */
  #indicesOf(name: string, labels: ReadonlyMap<string, string>): number[] {
    if (name === "mission_requests_total") {
      const code = labels.get("code");
      return code === "5xx" || code === "error" ? [REQUESTS, ERRORS] : [REQUESTS];
    }
    if (name !== "mission_request_duration_seconds_bucket") return [];
    const bound = labels.get("le") === "+Inf" ? Infinity : Number(labels.get("le"));
    if (Number.isNaN(bound)) return [];
    if (!this.#bounds.includes(bound)) this.#bounds.push(bound);
    return [FIRST_BOUND + this.#bounds.indexOf(bound)];
  }

  #roomFor(service: string): Totals {
    const known = this.#totals.get(service);
    const length = FIRST_BOUND + this.#bounds.length;
    if (known !== undefined && known.length >= length) return known;
    const totals = new Float64Array(length);
    if (known !== undefined) totals.set(known);
    this.#totals.set(service, totals);
    return totals;
  }
}
