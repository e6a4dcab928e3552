import { z } from "zod";
import { durationSchema, parseDuration } from "./duration.js";
import { percentSchema, shareOfPercent } from "./percent.js";

/** What a candidate may be like, as configuration says it. Defaults are the promises of the README. */
export const limitsSchema = z.strictObject({
  errorRate: percentSchema(0, 100).default("1%").describe("Largest share of a candidate's requests that may fail, 0% to 100%. Default 1%."),
  errorRateIncrease: percentSchema(0, 100).default("0.5%").describe("How many percentage points more than the baseline's may fail, 0% to 100%. Default 0.5%."),
  latencyP95Increase: percentSchema(0, 1000).default("10%").describe("How much slower the 95th percentile may be than the baseline's, 0% to 1000%. Default 10%."),
  latencyP95Slack: durationSchema("0ms", "10s").default("5ms").describe("A difference below this is none, whatever the percentage: two medians of 2 ms differ by more than 10 % by chance. 0ms to 10s. Default 5ms."),
  minimumSamples: z.int().min(1).max(1_000_000).default(50).describe("Requests that candidate and baseline must each have before anything passes, 1 to 1000000. Default 50."),
  saturation: percentSchema(1, 100).default("90%").describe("Largest share of its processor that an instance may use on average, 1% to 100%. Default 90%."),
  userReports: z.int().min(0).max(1_000_000).default(0).describe("Error reports of users that are accepted while a release is watched. Default 0: the first one is too many."),
});
export type LimitSettings = z.output<typeof limitsSchema>;

/** Limits as numbers. */
export interface Limits {
  /** Largest share of requests that may fail, 0 to 1, whatever the baseline does. */
  readonly errorRate: number;
  /** How much larger than the baseline's the share may be, 0 to 1: 0.005 is half a percentage point. */
  readonly errorRateIncrease: number;
  /** How much slower the 95th percentile may be than the baseline's, at least 1: 1.1 is 10 %. */
  readonly latencyP95Ratio: number;
  /** A difference of the 95th percentiles that counts as none, milliseconds >= 0. */
  readonly latencyP95SlackMs: number;
  /** Requests that each side must have before anything but a clear failure is said, at least 1. */
  readonly minimumSamples: number;
}

/** Limits of a comparison, from the environment's settings. */
export function limitsOf(settings: LimitSettings): Limits {
  return {
    errorRate: shareOfPercent(settings.errorRate),
    errorRateIncrease: shareOfPercent(settings.errorRateIncrease),
    latencyP95Ratio: 1 + shareOfPercent(settings.latencyP95Increase),
    latencyP95SlackMs: parseDuration(settings.latencyP95Slack),
    minimumSamples: settings.minimumSamples,
  };
}
