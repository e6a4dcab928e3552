import type { LimitSettings } from "../../../model/limits.js";
import type { ProcessorUse } from "../../../model/processor-use.js";
import type { Observed, ObservedService } from "../../../model/rollout.js";
import type { PerSlot, Slot } from "../../../model/slot.js";
import type { SlotCounters } from "../../../model/slot-window.js";
import { Split } from "../../../model/split.js";
import type { WatchedPlatform } from "../../../runner/watch/reading.js";
import type { WatchClock } from "../../../runner/watch/watch-clock.js";
import { observedOf, specOf } from "../../support/specs.js";

export const LIMITS: LimitSettings = { errorRate: "1%", errorRateIncrease: "0.5%", latencyP95Increase: "10%", latencyP95Slack: "5ms", minimumSamples: 50, saturation: "90%", userReports: 0 };
export const BEGIN = 1_800_000_000_000;

/** Time that passes only while somebody sleeps. */
export class VirtualClock implements WatchClock {
  #now = BEGIN;
  readonly #events: { readonly at: number; readonly what: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  /** Milliseconds since the beginning. */
  get passed(): number {
    return this.#now - BEGIN;
  }

  /** Lets something happen while somebody sleeps beyond that moment. */
  at(passed: number, what: () => void): void {
    this.#events.push({ at: BEGIN + passed, what });
  }

  async sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    const until = this.#now + milliseconds;
    for (const event of this.#events.filter(({ at }) => at > this.#now && at <= until).sort((a, b) => a.at - b.at)) {
      this.#now = event.at;
      event.what();
      if (signal?.aborted === true) return;
    }
    this.#now = until;
    await Promise.resolve();
  }
}

/** How a slot answers: requests a second, which share of them fails, and how long an answer takes. */
export interface Behaviour {
  readonly rate: number;
  readonly errorRate?: number;
  readonly ms?: number;
}

/**
 * A platform with one service "web": 1.0.0 live in blue, 1.1.0 in green, which count with the virtual time. `tamper` may change what it says.
 */
export class FakePlatform implements WatchedPlatform {
  readonly clock = new VirtualClock();
  behaviour: Record<Slot, Behaviour> = { blue: { rate: 90 }, green: { rate: 10 } };
  service: ObservedService = { ...observedOf(specOf("1.0.0"), specOf("1.1.0")), split: Split.weight("green", 10) };
  /** Share of a processor that each instance uses. */
  processor = 0.2;
  epoch = "1";
  /** Since when is counted, in passed milliseconds. */
  countsFrom = -60_000;
  looks = 0;
  tamper: {
    describe?: (observed: Observed) => Observed | Promise<Observed>;
    metrics?: (counters: PerSlot<SlotCounters | null>) => PerSlot<SlotCounters | null> | Promise<PerSlot<SlotCounters | null>>;
    saturation?: (use: PerSlot<ProcessorUse | null>) => PerSlot<ProcessorUse | null> | Promise<PerSlot<ProcessorUse | null>>;
  } = {};

  async describe(): Promise<Observed> {
    const observed = { web: this.service };
    return this.tamper.describe?.(observed) ?? observed;
  }

  async metrics(): Promise<PerSlot<SlotCounters | null>> {
    this.looks += 1;
    const counters = { blue: this.counters("blue"), green: this.counters("green") };
    return this.tamper.metrics === undefined ? counters : this.tamper.metrics(counters);
  }

  async saturation(): Promise<PerSlot<ProcessorUse | null>> {
    const use = (slot: Slot): ProcessorUse => ({ at: this.clock.now(), instances: [0, 1].map((n) => ({ id: `${slot}-${n}`, seconds: 5 + (this.processor * this.clock.passed) / 1000 })) });
    const both = { blue: use("blue"), green: use("green") };
    return this.tamper.saturation === undefined ? both : this.tamper.saturation(both);
  }

  counters(slot: Slot): SlotCounters {
    const { rate, errorRate = 0, ms = 8 } = this.behaviour[slot];
    const requests = Math.floor((rate * (this.clock.passed - this.countsFrom)) / 1000);
    const bounds = [0.01, 0.02, 0.05, 0.1, 0.5, Infinity];
    return { at: this.clock.now(), epoch: this.epoch, requests, errors: Math.floor(requests * errorRate), buckets: new Map(bounds.map((bound) => [bound, ms / 1000 <= bound ? requests : 0])) };
  }
}
