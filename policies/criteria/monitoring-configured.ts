import { diagnose } from "../../model/diagnostic.js";
import { shareOfPercent } from "../../model/percent.js";
import { probeSchema } from "../../model/probe.js";
import { ALWAYS, criterion } from "../criterion.js";

/** A health check that can tell something, alarms that can go off, and in production somebody who is told. */
export const monitoringConfigured = criterion({
  name: "monitoring-configured",
  description: "The service has a health check and alarms for error rate, latency and availability that can go off; in production somebody is told.",
  severity: "high",
  remediation: 'Set "mission:alarms" and "mission:notifications" of the stack, and "readiness" of the service in mission.yaml.',
  demanded: ALWAYS,
  judge({ gated: { alarms, targets }, stack, environment }, { spec }) {
    const readiness = probeSchema.safeParse(spec.readiness);
    const liveness = probeSchema.nullable().safeParse(spec.liveness);
    const probes = [
      ...(readiness.success ? [] : diagnose(readiness.error, spec.readiness, "readiness")),
      ...(liveness.success ? [] : diagnose(liveness.error, spec.liveness, "liveness")),
    ].map(({ path, message }) => `its health check is none: "${path}" ${message} Correct it in mission.yaml.`);
    return [
      ...probes,
      ...(environment === "production" && targets.length === 0 ? [`nobody is told when something goes wrong: "mission:notifications" of stack "${stack}" is empty; name a file or a webhook.`] : []),
      ...(shareOfPercent(alarms.errorRate) < 1 ? [] : [`its alarm for the error rate can never go off: "mission:alarms.errorRate" of stack "${stack}" is "${alarms.errorRate}", and no more than all requests can fail; set it below 100%.`]),
      ...(shareOfPercent(alarms.availability) > 0 ? [] : [`its alarm for availability can never go off: "mission:alarms.availability" of stack "${stack}" is "${alarms.availability}", and no less than none can be ready; set it above 0%.`]),
    ];
  },
});
