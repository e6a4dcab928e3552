import type { AlarmRequest, AlarmState } from "../protocol.js";
import type { Counts } from "./counters.js";
import { quantile } from "../../model/quantile.js";

/** What is known of a service when its alarms are judged. */
export interface Measurements {
  /** Undefined: nothing could be read in the window. */
  readonly counts: Counts | undefined;
  /** Ready and wanted instances of the live slot; undefined while there is none. */
  readonly live: { readonly ready: number; readonly wanted: number } | undefined;
  /** Whether the router serves from instances that are not healthy. Undefined: it does not say. */
  readonly failOpen: boolean | undefined;
}

/** What an alarm says. The value is a share, or milliseconds for latency; null when there are no data. */
export interface Judgement {
  readonly state: AlarmState;
  readonly value: number | null;
}

const NO_DATA: Judgement = { state: "insufficient-data", value: null };

/** Judges an alarm. Without requests in its window error rate and latency are not "ok" but unknown. */
export function judgeAlarm({ metric, threshold }: Pick<AlarmRequest, "metric" | "threshold">, { counts, live, failOpen }: Measurements): Judgement {
  switch (metric) {
    case "error-rate":
      if (counts === undefined || counts.requests <= 0) return NO_DATA;
      return above(counts.errors / counts.requests, threshold);
    case "latency-p95": {
      const seconds = counts === undefined ? undefined : quantile(0.95, counts.buckets);
      return seconds === undefined ? NO_DATA : above(seconds * 1000, threshold);
    }
    case "availability": {
      if (live === undefined || live.wanted === 0) return NO_DATA;
      const value = live.ready / live.wanted;
      return { state: failOpen === true || value < threshold ? "alarm" : "ok", value };
    }
    default:
      return metric satisfies never;
  }
}

function above(value: number, threshold: number): Judgement {
  return { state: value > threshold ? "alarm" : "ok", value };
}
