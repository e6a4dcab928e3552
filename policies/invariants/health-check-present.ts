import { probeSchema } from "../../model/probe.js";
import { SLOTS } from "../../model/slot.js";
import type { Rule } from "../rule.js";

/** An instance that is never asked whether it is well gets traffic whether it is or not. */
export const healthCheckPresent: Rule = {
  name: "health-check-present",
  description: "Every service has a readiness probe, and a liveness probe that can be understood where it has one.",
  severity: "high",
  remediation: "Name a `readiness` probe for the service in mission.yaml.",
  check: ({ gated: { service, specs } }) =>
    SLOTS.flatMap((slot) => {
      const spec = specs[slot];
      if (spec === null) return [];
      const where = `Service "${service}", slot "${slot}"`;
      return [
        ...(probeSchema.safeParse(spec.readiness).success ? [] : [`${where}: it has no readiness probe; allowed is one of {http: /path}, {tcp: true}, {command: [...]}.`]),
        ...(spec.liveness === null || probeSchema.safeParse(spec.liveness).success ? [] : [`${where}: its liveness probe is not understood; allowed is a probe or null.`]),
      ];
    }),
};
