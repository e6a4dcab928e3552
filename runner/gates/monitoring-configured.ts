import type { Release } from "../../model/release.js";
import type { Probe } from "../../model/probe.js";
import { shareOfPercent } from "../../model/percent.js";
import type { GateResult } from "../../model/verdict.js";
import type { MissionEnvironment } from "../mission/subject.js";

/** How an instance is asked whether it is well, in words. */
export function probeInWords(probe: Probe): string {
  if ("http" in probe) return `HTTP ${probe.http} every ${probe.interval}`;
  return "tcp" in probe ? `TCP connection every ${probe.interval}` : `command every ${probe.interval}`;
}

/**
 * Gate `monitoring-configured` of both environments: a health check for every service, three alarms that can go off, and in production somebody who is told.
 * A health check by a mere connection passes and is said: it sees a process that has ended, not one that answers wrongly.
 */
export function monitoringConfigured(environments: readonly MissionEnvironment[], release: Release): GateResult {
  const mistakes = environments.flatMap(mistakesOf);
  const remarks = environments.flatMap(({ environment, settings }) => (environment === "staging" && settings.notifications.length === 0 ? ['Nobody is told of alarms in staging; "mission:notifications" of its stack names nobody.'] : []));
  const connectionOnly = Object.entries(release.services).flatMap(([service, { readiness }]) => ("tcp" in readiness ? [`Service "${service}" is only asked whether its port accepts a connection; an HTTP path in mission.yaml (readiness: { http: /healthz }) would see one that answers wrongly.`] : []));
  const targets = environments.map(({ settings }) => settings.notifications.length);
  return {
    gate: "monitoring-configured",
    verdict: mistakes.length > 0 ? "FAIL" : "PASS",
    summary: mistakes[0] ?? `Every service has a health check and alarms for error rate, latency and availability in ${environments.map(({ stack }) => `"${stack}"`).join(" and ")}.`,
    details: [...mistakes.slice(1), ...remarks, ...connectionOnly],
    measured: { services: Object.keys(release.services).length, alarmsPerService: 3, ...Object.fromEntries(environments.map(({ environment }, index) => [`${environment}Targets`, targets[index] ?? 0])) },
  };
}

function mistakesOf({ environment, stack, settings: { alarms, notifications } }: MissionEnvironment): string[] {
  const mistakes: string[] = [];
  if (environment === "production" && notifications.length === 0) mistakes.push(`Nobody is told when something goes wrong in production: "mission:notifications" of stack "${stack}" is empty; name a file or a webhook.`);
  if (shareOfPercent(alarms.errorRate) >= 1) mistakes.push(`The alarm for the error rate in stack "${stack}" can never go off: "mission:alarms.errorRate" is "${alarms.errorRate}", and no more than all requests can fail; set it below 100%.`);
  if (shareOfPercent(alarms.availability) <= 0) mistakes.push(`The alarm for availability in stack "${stack}" can never go off: "mission:alarms.availability" is "${alarms.availability}", and no less than none can be ready; set it above 0%.`);
  return mistakes;
}
