/** Milliseconds since 1970 with fractions, from a clock that never goes back or jumps while the process lives. */
export function now(): number {
  return performance.timeOrigin + performance.now();
}

/** A time rounded to whole microseconds, as logs and summaries show it. */
export function toMicroseconds(milliseconds: number): number {
  return Math.round(milliseconds * 1000) / 1000;
}

/** A silence of this process's own event loop that counts as not having run, in ms. */
const PAUSE_MS = 100;

/**
 * Counts only the time in which this process ran, so that no request runs out of time because the prober was stopped,
 * starved or collecting garbage. It has to be read several times per 100 ms.
 */
export class AwakeClock {
  #last = now();
  #paused = 0;

  /** Milliseconds; only differences mean something. */
  read(): number {
    const time = now();
    if (time - this.#last > PAUSE_MS) this.#paused += time - this.#last;
    this.#last = time;
    return time - this.#paused;
  }
}
