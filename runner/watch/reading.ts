import type { ProcessorUse } from "../../model/processor-use.js";
import type { Observed, ObservedService } from "../../model/rollout.js";
import type { PerSlot } from "../../model/slot.js";
import type { SlotCounters } from "../../model/slot-window.js";
import type { AlarmReading, PlatformAdapter } from "../platforms/adapter.js";
import { askWithin, type Answer } from "./asking.js";
import type { WatchClock } from "./watch-clock.js";

/** The parts of an adapter that only look. */
export type WatchedPlatform = Pick<PlatformAdapter, "describe" | "metrics" | "saturation" | "alarms">;

/** What a platform said of one service at one look. */
export interface Reading {
  /** When it was asked, and when it had answered; milliseconds of the watch's clock. */
  readonly asked: number;
  readonly answered: number;
  readonly observed: Answer<ObservedService | undefined>;
  readonly counters: Answer<PerSlot<SlotCounters | null>>;
  readonly processor: Answer<PerSlot<ProcessorUse | null>>;
  /** Null where the platform has no alarms on slots. */
  readonly alarms: Answer<PerSlot<readonly AlarmReading[] | null>> | null;
}

/** How a look asks. */
export interface LookOptions {
  readonly clock: WatchClock;
  /** Milliseconds after which no answer is waited for. */
  readonly silenceMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** Asks a platform about services, all at the same time. Never throws. */
export async function readServices(platform: WatchedPlatform, services: readonly string[], { clock, silenceMs, signal }: LookOptions): Promise<ReadonlyMap<string, Reading>> {
  const asked = clock.now();
  const ask = <T>(what: string, question: () => Promise<T>) => askWithin(what, silenceMs, signal, question);
  const environment: Promise<Answer<Observed>> = ask("The environment", () => platform.describe());
  const readings = services.map(async (service): Promise<readonly [string, Reading]> => {
    const [observed, counters, processor, alarms] = await Promise.all([
      environment,
      ask(`The metrics of service "${service}"`, () => platform.metrics(service)),
      ask(`The processor time of service "${service}"`, () => platform.saturation(service)),
      platform.alarms === undefined ? null : ask(`The alarms of service "${service}"`, async () => (await platform.alarms?.(service)) ?? { blue: null, green: null }),
    ]);
    return [service, { asked, answered: clock.now(), observed: observed.ok ? { ok: true, value: observed.value[service] } : observed, counters, processor, alarms }];
  });
  return new Map(await Promise.all(readings));
}
