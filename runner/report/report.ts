import { parseDuration } from "../../model/duration.js";
import type { EvidenceReference } from "../../model/evidence.js";
import { isObject } from "../mission/recorded-gates.js";
import type { MissionRecord } from "../mission/mission-record.js";
import type { MissionState } from "../mission/outcome.js";
import type { EnvironmentName, MissionSubject } from "../mission/subject.js";
import type { NotificationRecord } from "../notify/notification-log.js";
import { Facts, type Decision, type GateFact } from "./facts.js";
import { nextStepsOf, type NextStep } from "./next-steps.js";
import { promisesOf, type PromiseMeasured } from "./promises.js";
import { recoveryOf, type Recovery } from "./recovery.js";
import { phasesOf, timelineOf, type PhaseTime, type TimelineEntry } from "./timeline.js";
import { trafficOf, type Traffic } from "./traffic.js";

/** What somebody let pass, and why. */
export interface Waiver {
  readonly what: string;
  readonly reason: string;
  readonly by: string;
}

/** An environment as the mission found it. */
export interface ReportedEnvironment {
  readonly environment: EnvironmentName;
  readonly stack: string;
  readonly platform: string;
  /** Whether nothing was deployed there before; null before anybody looked. */
  readonly first: boolean | null;
  /** SlotSpec digests of what was live before, by service; null before anybody looked. */
  readonly before: Readonly<Record<string, string>> | null;
}

/** What is left running by a mission in one environment. */
export interface StillRunning {
  readonly environment: EnvironmentName;
  readonly stack: string;
  readonly what: string;
  /** Until when the slot that was live before stays warm, ISO 8601; null where none does, or it is not known. */
  readonly warmUntil: string | null;
  readonly command: string | null;
}

/** Everything that is to be said of a mission: plain JSON. Times are milliseconds since it began, moments ISO 8601. */
export interface Report {
  readonly mission: string;
  /** `unfinished`: it runs, was stopped, or was killed; the journal does not say which. */
  readonly state: MissionState | "unfinished";
  /** One sentence. */
  readonly outcome: string;
  /** Why, in the mission's own words; null while it has not ended and nothing was decided. */
  readonly reason: string | null;
  readonly application: string;
  readonly version: string;
  /** Null when the codebase is no git tree, or the release was not built. */
  readonly commit: string | null;
  /** Artifact of each service; empty before the release was built. */
  readonly digests: Readonly<Record<string, string>>;
  /** Digest of the plan; null before there was one. */
  readonly plan: string | null;
  readonly by: string;
  readonly began: string | null;
  /** Of the last line. */
  readonly lastSeen: string | null;
  readonly tookMs: number;
  readonly strategy: MissionSubject["strategy"];
  readonly environments: readonly ReportedEnvironment[];
  readonly hotfix: MissionSubject["hotfix"];
  readonly waivers: readonly Waiver[];
  readonly confirmed: readonly string[];
  readonly phases: readonly PhaseTime[];
  readonly timeline: readonly TimelineEntry[];
  readonly gates: readonly GateFact[];
  readonly decision: Decision | null;
  readonly recovery: Recovery;
  readonly traffic: { readonly staging: Traffic | null; readonly production: Traffic | null };
  readonly promises: readonly PromiseMeasured[];
  readonly evidence: readonly (EvidenceReference & { readonly gate: string })[];
  readonly notifications: readonly NotificationRecord[];
  readonly releaseNotes: string | null;
  readonly stillRunning: readonly StillRunning[];
  readonly nextSteps: readonly NextStep[];
  /** Number and hash of the journal's last line: what this report rests on. */
  readonly journal: { readonly lines: number; readonly head: string | null };
}

/** The report of a mission in any state: ended, running, killed, or just begun. Never throws. */
export function reportOf({ subject, lines }: MissionRecord, notifications: readonly NotificationRecord[] = []): Report {
  const facts = new Facts(lines);
  const state = facts.terminal?.state ?? "unfinished";
  const release = facts.value("validate/release");
  const plan = facts.value("plan/document");
  const recovery = recoveryOf(facts);
  const traffic = { staging: trafficOf(facts, "staging", subject.version), production: trafficOf(facts, "production", subject.version) };
  const reason = facts.terminal?.line["reason"] ?? facts.decision?.reason;
  const stillRunning = (["staging", "production"] as const).flatMap((name) => running(facts, subject, name));
  return {
    mission: subject.id,
    state,
    outcome: outcomeOf(subject, facts, state),
    reason: typeof reason === "string" ? reason : null,
    application: subject.application.name,
    version: subject.version,
    commit: isObject(release) && typeof release["commit"] === "string" ? release["commit"] : null,
    digests: digestsOf(release),
    plan: isObject(plan) && typeof plan["digest"] === "string" ? plan["digest"] : null,
    by: subject.by,
    began: lines[0]?.at ?? null,
    lastSeen: facts.last?.at ?? null,
    tookMs: facts.last === undefined ? 0 : facts.since(facts.last),
    strategy: subject.strategy,
    environments: (["staging", "production"] as const).map((environment) => ({ environment, stack: subject[environment].stack, platform: subject[environment].settings.platform, first: flag(facts.value(`${environment}/first`)), before: texts(facts.value(`${environment}/before`)) })),
    hotfix: subject.hotfix,
    waivers: waiversOf(subject),
    confirmed: subject.confirmed,
    phases: phasesOf(facts),
    timeline: timelineOf(facts),
    gates: facts.gates,
    decision: facts.decision,
    recovery,
    traffic,
    promises: promisesOf(facts, traffic.production, recovery, subject.production.settings.limits),
    evidence: facts.gates.flatMap(({ gate, evidence = [] }) => evidence.map(({ type, sha256 }) => ({ type: String(type), sha256: String(sha256), gate }))),
    notifications,
    releaseNotes: subject.notes,
    stillRunning,
    nextSteps: nextStepsOf(subject, facts, stillRunning.some(({ environment, warmUntil }) => environment === "production" && warmUntil !== null)),
    journal: { lines: lines.length, head: facts.last?.hash ?? null },
  };
}

function outcomeOf({ application, version, id }: MissionSubject, facts: Facts, state: Report["state"]): string {
  const what = `${application.name} ${version}`;
  switch (state) {
    case "succeeded":
      return `${what} is live in production.`;
    case "rolled-back":
      return `${what} was rolled back: what served production before serves again.`;
    case "refused":
      return `${what} was refused: production was not touched.`;
    case "failed-safe":
      return `${what} could not be taken back for certain: the environment is frozen until a person acts.`;
    case "unfinished":
      return facts.last === undefined ? `Mission ${id} has no journal line yet.` : `The mission of ${what} has not ended: its last record is in phase "${facts.phase ?? "start"}".`;
    default:
      return state satisfies never;
  }
}

function waiversOf({ waived, hotfix, by }: MissionSubject): Waiver[] {
  const items = Object.entries(waived).map(([what, reason]) => ({ what: `checklist item "${what}"`, reason, by }));
  return hotfix === null ? items : [{ what: "staging, and the window (hotfix)", reason: hotfix.reason, by: hotfix.by }, ...items];
}

/** What an environment that was touched is left with. */
function running(facts: Facts, subject: MissionSubject, environment: EnvironmentName): StillRunning[] {
  const { stack, settings } = subject[environment];
  if (facts.find("intent", `${environment}/stage`) === undefined) return [];
  const finished = facts.findLast("result", new RegExp(`^${environment}/\\d+/finish$`));
  const back = facts.find("result", `${environment}/roll-back/traffic`) !== undefined;
  const retired = facts.find("result", `${environment}/retire`) !== undefined;
  const warmUntil = finished === undefined || back || retired ? null : later(finished.at, parseDuration(settings.keepWarm));
  const what = retired ? "the new release; the old slot's capacity was given up" : warmUntil !== null ? "the new release, and the slot that was live before, which stays warm" : back ? "what served before, and the rejected release in the other slot" : facts.terminal?.state === "succeeded" ? "the new release" : "what the last step left; look before you act";
  return [{ environment, stack, what, warmUntil, command: settings.platform === "sandbox" ? `./mission sandbox stop ${stack}` : null }];
}

function later(at: string, milliseconds: number): string | null {
  const time = Date.parse(at) + milliseconds;
  return Number.isFinite(time) ? new Date(time).toISOString() : null;
}

function digestsOf(release: unknown): Readonly<Record<string, string>> {
  if (!isObject(release) || !isObject(release["services"])) return {};
  return Object.fromEntries(Object.entries(release["services"]).flatMap(([name, service]) => (isObject(service) && typeof service["digest"] === "string" ? [[name, service["digest"]]] : [])));
}

function flag(value: unknown): boolean | null {
  return typeof value === "boolean" ? value : null;
}

function texts(value: unknown): Readonly<Record<string, string>> | null {
  return isObject(value) ? Object.fromEntries(Object.entries(value).flatMap(([name, text]) => (typeof text === "string" ? [[name, text]] : []))) : null;
}
