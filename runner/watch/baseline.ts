import { z } from "zod";
import type { LimitSettings } from "../../model/limits.js";
import { specDigest } from "../../model/slot-spec.js";
import { windowBetween, type SlotCounters, type SlotWindow } from "../../model/slot-window.js";
import type { Json } from "../mission/journal-port.js";
import type { PlatformAdapter } from "../platforms/adapter.js";
import { askWithin } from "./asking.js";
import { beganAnew, mistakeInCounters } from "./counted.js";
import { realClock, type WatchClock } from "./watch-clock.js";

/** Milliseconds between two readings where nothing is said, and until a platform counts as silent. */
const LOOK_MS = 500;
const SILENCE_MS = 5_000;

/** What one service's live release was like before a mission moved traffic. */
export interface RecordedService {
  readonly version: string;
  /** Digest of the live SlotSpec: of another one this says nothing. */
  readonly spec: string;
  readonly window: SlotWindow;
}

/** What every live release was like; null for a service of which the platform told nothing, with the reason in `notes`. */
export interface RecordedBaseline {
  /** Milliseconds since 1970. */
  readonly recordedAt: number;
  readonly services: Readonly<Record<string, RecordedService | null>>;
  /** Sentences for people. */
  readonly notes: readonly string[];
}

/** How a baseline is recorded. */
export interface BaselineOptions {
  readonly adapter: Pick<PlatformAdapter, "describe" | "metrics">;
  readonly limits: Pick<LimitSettings, "minimumSamples">;
  /** Longest time that is measured, in milliseconds. Default 10,000. */
  readonly milliseconds?: number;
  /** Milliseconds between two readings. Default 500. */
  readonly lookMs?: number;
  readonly clock?: WatchClock;
  readonly signal?: AbortSignal;
}

/**
 * Measures what each live slot is like, until every one had the requests that a comparison needs or the time is over.
 * @returns plain JSON for {@link parseBaseline}; null where nothing is live
 * @throws Error when the platform does not say what is live
 */
export async function recordBaseline({ adapter, limits, milliseconds = 10_000, lookMs = LOOK_MS, clock = realClock, signal }: BaselineOptions): Promise<Json> {
  const found = await askWithin("The environment", SILENCE_MS, signal, () => adapter.describe());
  if (!found.ok) throw new Error(found.reason);
  const live = Object.entries(found.value).flatMap(([service, { live: slot, slots }]) => {
    const held = slot === null ? null : slots[slot];
    return slot === null || held === null ? [] : [new Recorder(service, slot, held.spec.version, specDigest(held.spec), adapter)];
  });
  if (live.length === 0) return null;
  const until = clock.now() + milliseconds;
  for (;;) {
    await Promise.all(live.map((recorder) => recorder.read(signal)));
    if (live.every((recorder) => recorder.requests >= limits.minimumSamples) || clock.now() >= until || signal?.aborted === true) break;
    await clock.sleep(Math.min(lookMs, Math.max(1, until - clock.now())), signal);
  }
  return {
    recordedAt: Math.round(clock.now()),
    services: Object.fromEntries(live.map((recorder) => [recorder.service, recorder.result()])),
    notes: live.map((recorder) => recorder.note(limits.minimumSamples)),
  };
}

/** The readings of one live slot. */
class Recorder {
  #first: SlotCounters | null = null;
  #last: SlotCounters | null = null;
  #trouble = "";

  constructor(
    readonly service: string,
    private readonly slot: "blue" | "green",
    private readonly version: string,
    private readonly spec: string,
    private readonly adapter: Pick<PlatformAdapter, "metrics">,
  ) {}

  get requests(): number {
    return this.#window()?.requests ?? 0;
  }

  async read(signal: AbortSignal | undefined): Promise<void> {
    const answer = await askWithin(`The metrics of service "${this.service}"`, SILENCE_MS, signal, () => this.adapter.metrics(this.service));
    const counters = answer.ok ? answer.value[this.slot] : null;
    const trouble = !answer.ok ? answer.reason : counters === null ? "The platform has counted nothing of it." : mistakeInCounters(counters);
    if (trouble !== undefined) this.#trouble = trouble;
    if (counters === null || trouble !== undefined) return;
    if (this.#first === null || this.#last === null || beganAnew(this.#last, counters)) this.#first = counters;
    this.#last = counters;
  }

  result(): Json {
    const window = this.#window();
    return window === null ? null : { version: this.version, spec: this.spec, window: toJson(window) };
  }

  note(needed: number): string {
    const window = this.#window();
    if (window === null) return `Service "${this.service}": nothing is known of its live release ${this.version}, so without another baseline only the ceilings decide. ${this.#trouble}`.trim();
    return `Service "${this.service}": its live release ${this.version} had ${window.requests} requests in ${Math.round(window.milliseconds)} ms, ${window.errors} of them failed.${window.requests < needed ? ` That is too few for a comparison, which needs ${needed}.` : ""}`;
  }

  #window(): SlotWindow | null {
    if (this.#first === null || this.#last === null) return null;
    const result = windowBetween(this.#first, this.#last);
    return result.ok ? result.window : null;
  }
}

function toJson({ milliseconds, requests, errors, buckets }: SlotWindow): Json {
  return { milliseconds, requests, errors, buckets: [...buckets].map(([bound, count]) => [bound === Infinity ? null : bound, count]) };
}

const count = z.number().min(0);
const baselineSchema = z.strictObject({
  recordedAt: z.number(),
  services: z.record(
    z.string(),
    z
      .strictObject({
        version: z.string(),
        spec: z.string(),
        window: z
          .strictObject({ milliseconds: z.number().positive(), requests: count, errors: count, buckets: z.array(z.tuple([z.number().nullable(), count])) })
          .refine(({ requests, errors }) => errors <= requests, { error: "has more errors than requests" })
          .transform((window): SlotWindow => ({ ...window, buckets: new Map(window.buckets.map(([bound, seen]) => [bound ?? Infinity, seen])) })),
      })
      .nullable(),
  ),
  notes: z.array(z.string()),
});

/**
 * A baseline as it was recorded; null where there is none.
 * @throws RangeError for JSON that is no recorded baseline
 */
export function parseBaseline(json: Json): RecordedBaseline | null {
  if (json === null) return null;
  const result = baselineSchema.safeParse(json);
  if (result.success) return result.data;
  throw new RangeError(`What was recorded as the baseline is none: ${result.error.issues.map(({ path, message }) => `${path.join(".")} ${message}`).join("; ")}.`);
}
