import type { ProcessorUse } from "../../model/processor-use.js";
import type { Delivery } from "../../delivery/deliver.js";
import type { Observed } from "../../model/rollout.js";
import type { PerSlot, Slot } from "../../model/slot.js";
import type { SlotCounters } from "../../model/slot-window.js";
import type { Split } from "../../model/split.js";

/** Addresses of one service. */
export interface Endpoints {
  /** What users call. */
  readonly production: string;
  /** One fixed test route per slot, whatever its weight. */
  readonly slots: PerSlot<string>;
}

/** What an adapter can do; what it cannot is said in the plan. */
export interface Capabilities {
  /** Any weight from 0 to 100, or only all at once. */
  readonly weights: "any" | "all-or-nothing";
  readonly slotRoutes: boolean;
  readonly database: boolean;
  /** Milliseconds between two values of its metrics: more often it is not worth a look. */
  readonly metricsGrainMs: number;
  /**
   * Whether the engine compares wanted weights with those it remembers rather than with the platform's, so that it must look again before an `up` that
   * moves traffic.
   */
  readonly engineRemembersTraffic: boolean;
}

/** What a platform's own alarm says. */
export interface AlarmReading {
  readonly name: string;
  /** `unknown`: it lacks data, which is never good. */
  readonly state: "on" | "off" | "unknown";
  /** In the platform's words. */
  readonly reason: string;
}

/**
 * How the runner talks to a platform besides `up`. One per platform; all pass `test/runner/platforms/conformance.ts`.
 */
export interface PlatformAdapter {
  readonly capabilities: Capabilities;
  /** What is really live: specs, readiness, splits, generations. Empty when nothing was ever deployed. */
  describe(): Promise<Observed>;
  /** Undefined before a service has routes. */
  endpoints(service: string): Promise<Endpoints | undefined>;
  /**
   * What was counted of the release that each slot holds, since counting began; null where nothing is known of it.
   * @throws PlatformRefusal `metrics` when the platform cannot tell now
   */
  metrics(service: string): Promise<PerSlot<SlotCounters | null>>;
  /** How much processor time the instances of each slot have used; null where the slot has none, or the platform cannot tell. */
  saturation(service: string): Promise<PerSlot<ProcessorUse | null>>;
  /**
   * What the alarms on each slot say; null for a slot that has none. Absent where the platform's alarms are not on slots.
   * @throws PlatformRefusal `alarms` when the platform cannot tell now
   */
  alarms?(service: string): Promise<PerSlot<readonly AlarmReading[] | null>>;
  /**
   * Sends a notification that is marked as a test and carries the id, the way that the first alarm of a service (by name) itself would go; changes nothing
   * of the alarm.
   * @returns what became of it, per target; none where nobody is told
   * @throws PlatformRefusal `no-alarm` when the service has none
   */
  testAlarm(service: string, id: string): Promise<readonly Delivery[]>;
  /**
   * Moves traffic at once, through the platform's own interface: for emergencies. Reads back before it resolves.
   * @param base `baseOf` what the caller saw; the platform refuses when it is no longer so.
   * @throws PlatformRefusal when the platform refuses; nothing was moved then.
   */
  setSplit(service: string, change: { readonly live: Slot; readonly split: Split }, base: string): Promise<void>;
  /**
   * DATABASE_URL of the environment's database, password included; brings it into being when it is not there yet, because migrations go before the
   * first `up`, which then takes it over. The same one at each call. Null where `capabilities.database` is false.
   * @throws PlatformRefusal `database` when there should be one and it does not come
   */
  database(): Promise<string | null>;
}

/** The platform says no, and why. Nothing was changed. */
export class PlatformRefusal extends Error {
  constructor(
    /** For programs, such as `base` or `not-ready`. */
    readonly code: string,
    message: string,
  ) {
    super(message);
    this.name = "PlatformRefusal";
  }
}
