import { parseDuration } from "../../model/duration.js";
import type { Rule } from "../rule.js";

const DEFAULTS = { errorRateBelow: 100, latencyP95AtMostMs: 60_000, availabilityAbove: 0 } as const;

/** That each of the three is there is a matter of the inputs' schema; an alarm that can never go off is as good as none. */
export const alarmsPresent: Rule = {
  name: "alarms-present",
  description: "Every service has an alarm on its error rate, its latency and its availability that can go off.",
  severity: "high",
  remediation: "Set limits under `mission:alarms` in the stack's file.",
  thresholds: {
    errorRateBelow: { description: "The error rate's limit must be below this, in percent.", default: DEFAULTS.errorRateBelow, minimum: 0, maximum: 100 },
    latencyP95AtMostMs: { description: "The latency's limit must be at most this, in milliseconds.", default: DEFAULTS.latencyP95AtMostMs, minimum: 1, maximum: 60_000 },
    availabilityAbove: { description: "The availability's limit must be above this, in percent.", default: DEFAULTS.availabilityAbove, minimum: 0, maximum: 100 },
  },
  check({ gated: { service, alarms } }, thresholds = DEFAULTS) {
    const { errorRateBelow = DEFAULTS.errorRateBelow, latencyP95AtMostMs = DEFAULTS.latencyP95AtMostMs, availabilityAbove = DEFAULTS.availabilityAbove } = thresholds;
    return [
      ...(percent(alarms.errorRate) < errorRateBelow ? [] : [`Service "${service}": its alarm on the error rate goes off above ${alarms.errorRate}; allowed is a limit below ${errorRateBelow}%.`]),
      ...(parseDuration(alarms.latencyP95) <= latencyP95AtMostMs ? [] : [`Service "${service}": its alarm on the latency goes off above ${alarms.latencyP95}; allowed is a limit of at most ${latencyP95AtMostMs}ms.`]),
      ...(percent(alarms.availability) > availabilityAbove ? [] : [`Service "${service}": its alarm on the availability goes off below ${alarms.availability}; allowed is a limit above ${availabilityAbove}%.`]),
    ];
  },
};

function percent(text: string): number {
  return Number(text.slice(0, -1));
}
