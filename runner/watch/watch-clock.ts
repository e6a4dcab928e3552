import { setTimeout as sleepFor } from "node:timers/promises";
import { now } from "../prober/clock.js";

/** Time as a watch sees it; tests have their own. */
export interface WatchClock {
  /** Milliseconds since 1970 that never go back while the process lives. */
  now(): number;
  /** Resolves after that time, or when the signal is aborted, whichever is first. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
}

/** The machine's own. */
export const realClock: WatchClock = {
  now,
  async sleep(milliseconds, signal) {
    await sleepFor(milliseconds, undefined, signal === undefined ? {} : { signal }).catch((error: unknown) => {
      if (signal?.aborted !== true) throw error;
    });
  },
};

/** Sleeps until a moment, never less: timers may fire a little early. */
export async function sleepUntil(clock: WatchClock, moment: number, signal?: AbortSignal): Promise<void> {
  for (let left = moment - clock.now(); left > 0 && signal?.aborted !== true; left = moment - clock.now()) await clock.sleep(Math.max(1, left), signal);
}
