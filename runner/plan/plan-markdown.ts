import { shortDigest } from "../../model/digest.js";
import { formatDuration, parseDuration } from "../../model/duration.js";
import type { Standing } from "../store/mission-store.js";
import type { DecidedEnvironment } from "./decided-plan.js";
import { inWords } from "./durations.js";
import { stopping } from "./gate-list.js";
import type { Plan } from "./make-plan.js";
import { previewMarkdown } from "./preview-markdown.js";
import { shiftMarkdown } from "./shift-markdown.js";
import { bullets, quoted, table } from "./markdown.js";

/** A plan for a person, in Markdown. */
export function planMarkdown(plan: Plan): string {
  const { decided } = plan;
  const stops = stopping(plan.gates);
  const parts: readonly (readonly string[])[] = [
    [`# Plan: ${decided.application} ${decided.version}`, "", verdict(plan, stops.length), "", ...table(["", ""], release(plan))],
    ["## What becomes of each service", "", ...decided.environments.flatMap(services)],
    ["## Traffic", "", ...shiftMarkdown(plan)],
    ["## How long it takes", "", ...durations(plan)],
    ["## Going back", "", ...rollback(plan)],
    ["## Window, freeze and hold", "", ...bullets(window(plan))],
    ["## Monitoring", "", ...decided.environments.flatMap(monitoring)],
    ["## Who is told", "", ...told(plan)],
    ["## Database", "", ...bullets(migrations(plan))],
    ...(decided.hotfix === null ? [] : [["## Hotfix", "", `By ${decided.hotfix.by}: ${decided.hotfix.reason}`, "", "It leaves out staging and the window of production; tests of the critical path, artifacts and the rollback target stay."]]),
    ...lackingPart(decided.environments),
    ["## Gates", "", ...gates(plan)],
    ...(plan.preview === null ? [] : [["## Preview of the infrastructure", "", ...previewMarkdown(plan.preview)]]),
    ["## Release notes", "", ...(plan.notes === null ? ["None were given."] : quoted(plan.notes))],
  ];
  return `${parts.map((part) => part.join("\n").trimEnd()).join("\n\n")}\n`;
}

function verdict({ gates: all }: Plan, stops: number): string {
  const pending = all.filter(({ state }) => state === "PENDING").length;
  const later = `${pending} ${pending === 1 ? "gate is" : "gates are"} judged later.`;
  return stops === 0 ? `Nothing stands in its way now; ${later}` : `**It would be refused now: ${stops} ${stops === 1 ? "gate does" : "gates do"} not pass** (see Gates); ${later}`;
}

function release({ decided, digest, madeAt, totals, rollback: { warmMs } }: Plan): string[][] {
  const serves = decided.environments.some(({ environment, services: all }) => environment === "production" && all.some(({ target }) => target !== null));
  return [
    ["Version", decided.version],
    ["Commit", decided.commit ?? "none: the codebase is in no repository"],
    ...Object.entries(decided.artifacts).map(([service, artifact]) => [`Artifact of ${service}`, artifact]),
    ["Strategy", `${decided.strategy.name}: ${decided.strategy.steps.map(({ weight, bakeMs }) => `${weight} % for ${formatDuration(bakeMs)}`).join(", ")}${decided.pause ? "; a person approves each further step" : ""}`],
    ["Time", `about ${inWords(totals.expectedMs)}, at most ${inWords(totals.worstMs)}, besides build and tests`],
    ["Going back", serves ? `at most ${inWords(warmMs)} while the old slot is warm` : "nothing to return to: it is the first release"],
    ["Policy pack", decided.policies.pack ?? "none: nothing is deployed without one"],
    ["Plan", `${digest}, made at ${madeAt}`],
  ];
}

function services({ environment, stack, platform, instances, services: all, refusals }: DecidedEnvironment): string[] {
  return [
    `**${environment}**: stack "${stack}" on ${platform}, ${instances} ${instances === 1 ? "instance" : "instances"} a slot`,
    "",
    ...table(["service", "transition", ""], all.map(({ service, transition, words }) => [service, transition, words])),
    ...(refusals.length === 0 ? [] : ["", ...bullets(refusals)]),
    "",
  ];
}

function durations({ schedule, totals }: Plan): string[] {
  return [
    ...table(["part", "", "expected", "at most"], [...schedule.map(({ name, words, expectedMs, worstMs }) => [name, words, inWords(expectedMs), inWords(worstMs)]), ["all", "", inWords(totals.expectedMs), inWords(totals.worstMs)]]),
    "",
    "Build, tests and checks of the codebase come on top; how long one `up` takes is assumed, not measured.",
  ];
}

function rollback({ decided, rollback: { warmMs, basis, keepWarm, coldMs }, ready }: Plan): string[] {
  const rows = (decided.environments.find(({ environment }) => environment === "production")?.services ?? []).map(({ service, target }) =>
    target === null ? [service, "nothing to return to", "", "", "", ""] : [service, target.slot, target.version, target.commit ?? "none", shortDigest(target.digest), `${ready[service]?.ready ?? 0} of ${ready[service]?.instances ?? 0}`],
  );
  const times =
    parseDuration(keepWarm) === 0
      ? [`The old slot is not kept warm ("mission:keepWarm" is ${keepWarm}): after the release is live its instances are started first, at most ${inWords(coldMs)}.`]
      : [`Before and for ${keepWarm} after the release is live: at most ${inWords(warmMs)}, ${basis === "measured" ? "as the drill in staging took" : "the limit; how long it really takes is drilled in staging before production is touched"}. Traffic is moved by the platform's own interface.`, `Later, when the old instances were stopped: at most ${inWords(coldMs)}, because they are started first.`];
  return [...table(["service", "slot", "version", "commit", "artifact", "ready"], rows), "", ...(rows.every(([, slot]) => slot === "nothing to return to") ? [] : bullets(times))];
}

function window({ window: state, decided, standing }: Plan): string[] {
  const now = state.open ? `The window of production is open: ${state.rule}` : `The window of production is closed: ${state.rule} ${state.opens === null ? "It does not open within a year." : `It opens on ${state.opens.words}, ${state.opens.iso}.`}`;
  return [now, ...decided.environments.flatMap(({ environment, stack }) => said(stack, standing[environment]))];
}

function said(stack: string, { freeze, hold }: Standing): string[] {
  if (freeze === null && hold === null) return [`Stack "${stack}": no freeze and no hold.`];
  return [
    ...(freeze === null ? [] : [`Stack "${stack}" is frozen since ${freeze.at} by ${freeze.by}: ${freeze.reason}`]),
    ...(hold === null ? [] : [`Stack "${stack}" is on hold since ${hold.at} by ${hold.by}: ${hold.reason}`]),
  ];
}

function monitoring({ environment, monitoring: { health, alarms, targets } }: DecidedEnvironment): string[] {
  return [
    `**${environment}**`,
    "",
    ...bullets([
      ...health.map(({ service, readiness, liveness }) => `Service "${service}": ready by ${readiness}; ${liveness === null ? "restarted when it exits" : `alive by ${liveness}`}.`),
      `Alarms of each service, over ${alarms.window}: more than ${alarms.errorRate} of requests failed; 95th percentile of response times above ${alarms.latencyP95}; less than ${alarms.availability} of the live instances ready.`,
      targets.length === 0 ? "Nobody is told of them." : `Told of them: ${targets.map(({ type, name }) => `${type} ${name}`).join(", ")}.`,
    ]),
    "",
  ];
}

function told({ told: all, decided }: Plan): string[] {
  const targets = decided.environments.find(({ environment }) => environment === "production")?.monitoring.targets ?? [];
  const to = targets.length === 0 ? "nobody" : targets.map(({ type, name }) => `${type} ${name}`).join(", ");
  return table(["what", "when", "to"], all.map(({ event, when }) => [event, when, to]));
}

function migrations({ decided, scratchRun }: Plan): string[] {
  if (decided.migrations === null) return ["The release has no migrations."];
  return [`Migrations of class "${decided.migrations.class}", run in the artifact of service "${decided.migrations.service}"${decided.migrations.class === "expand" ? ", before the dark deployment." : ": only expand is deployed by this version."}`, scratchRun ?? "They are tried on a scratch database in phase validate."];
}

function lackingPart(environments: readonly DecidedEnvironment[]): string[][] {
  const sentences = environments.flatMap(({ environment, platform, lacking }) => lacking.map((sentence) => `${environment} (${platform}): ${sentence}`));
  return sentences.length === 0 ? [] : [["## What the platform lacks", "", ...bullets(sentences)]];
}

function gates({ gates: all }: Plan): string[] {
  const judged = table(["gate", "state", ""], all.map(({ gate, state, summary, later }) => [gate, state, later === null ? summary : `${summary} Judged by ${later.by}, ${later.when}.`]));
  const details = all.flatMap(({ gate, details: sentences }) => sentences.map((sentence) => `${gate}: ${sentence}`));
  return [...judged, ...(details.length === 0 ? [] : ["", ...bullets(details)])];
}

