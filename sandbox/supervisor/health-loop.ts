import { parseDuration } from "../../model/duration.js";
import type { Probe } from "../../model/probe.js";
import { HealthStreak } from "./health-streak.js";
import { probeOnce, type ProbeResult, type ProbeTarget } from "./probe-once.js";

/** How soon something that was never healthy is probed again, in milliseconds: a slot should not wait for a long interval to begin. */
const EAGER = 100;

/** Who is told. */
export interface HealthListener {
  /** Every single result. */
  result(result: ProbeResult): void;
  /** The threshold was reached. */
  changed(healthy: boolean): void;
}

/** Probes an instance again and again until it is stopped. */
export class HealthLoop {
  readonly #probe: Probe;
  readonly #target: ProbeTarget;
  readonly #listener: HealthListener;
  readonly #streak: HealthStreak;
  readonly #interval: number;
  #begun: boolean;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  /** `healthy`: what it is taken for until the thresholds say otherwise. The first probe is made after `delayMs`. */
  constructor(probe: Probe, target: ProbeTarget, healthy: boolean, delayMs: number, listener: HealthListener) {
    this.#probe = probe;
    this.#target = target;
    this.#listener = listener;
    this.#streak = new HealthStreak(probe, healthy);
    this.#interval = parseDuration(probe.interval);
    this.#begun = healthy;
    this.#timer = setTimeout(() => void this.#turn(), delayMs);
  }

  /** Nobody is told anything any more. */
  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  async #turn(): Promise<void> {
    const begun = performance.now();
    const result = await probeOnce(this.#probe, this.#target);
    if (this.#stopped) return;
    this.#listener.result(result);
    if (this.#streak.add(result.ok)) this.#listener.changed(this.#streak.healthy);
    if (this.#stopped) return;
    this.#begun ||= this.#streak.healthy;
    const pause = this.#begun ? this.#interval : Math.min(this.#interval, EAGER);
    this.#timer = setTimeout(() => void this.#turn(), Math.max(0, pause - (performance.now() - begun)));
  }
}
