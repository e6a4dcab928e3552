/** Thresholds of a probe. */
export interface Thresholds {
  readonly successes: number;
  readonly failures: number;
}

/** Turns single results into healthy or not: it takes some successes or failures in a row to change. */
export class HealthStreak {
  readonly #thresholds: Thresholds;
  #healthy: boolean;
  #against = 0;

  constructor(thresholds: Thresholds, healthy: boolean) {
    this.#thresholds = thresholds;
    this.#healthy = healthy;
  }

  get healthy(): boolean {
    return this.#healthy;
  }

  /** Takes a result; true when it changed whether this is healthy. */
  add(success: boolean): boolean {
    if (success === this.#healthy) {
      this.#against = 0;
      return false;
    }
    this.#against += 1;
    if (this.#against < (this.#healthy ? this.#thresholds.failures : this.#thresholds.successes)) return false;
    this.#healthy = success;
    this.#against = 0;
    return true;
  }
}
