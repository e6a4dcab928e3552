import type { MissionRecord } from "../mission/mission-record.js";
import type { MissionState } from "../mission/outcome.js";
import { weightStepOf } from "../mission/step-names.js";
import { Facts } from "./facts.js";
import { oneLine } from "./markdown.js";
import { nextStepsOf, waitingOf, type NextStep } from "./next-steps.js";
import { stepInWords } from "./timeline.js";
import { moment, span } from "./words.js";

/** One mission in a list. */
export interface HistoryEntry {
  readonly mission: string;
  readonly application: string;
  readonly version: string;
  readonly stacks: readonly string[];
  /** ISO 8601; null for a mission without a journal line. */
  readonly began: string | null;
  /** From the first line to the last, milliseconds. */
  readonly tookMs: number;
  readonly state: MissionState | "unfinished";
}

/** Where a mission stands. Plain JSON. */
export interface MissionStatus extends HistoryEntry {
  readonly phase: string | null;
  /** The step that is under way, or was done last, in words. */
  readonly step: string | null;
  /** The candidate's weight in production that was asked for last, percent; null when it has none or it was taken back. */
  readonly weight: number | null;
  /** Since when it stands there: the moment of the last line, ISO 8601. */
  readonly since: string | null;
  /** How long that was when it was asked, milliseconds; null before the first line. */
  readonly sinceMs: number | null;
  /** Who or what it waits for; null when it works, or has ended. */
  readonly waitsFor: string | null;
  readonly reason: string | null;
  readonly nextSteps: readonly NextStep[];
}

/** The missions, the newest first. */
export function historyOf(records: readonly MissionRecord[]): HistoryEntry[] {
  const began = ({ began: at }: HistoryEntry) => Date.parse(at ?? "") || 0;
  return records.map((record) => entryOf(record, new Facts(record.lines))).sort((a, b) => began(b) - began(a) || (a.mission < b.mission ? 1 : -1));
}

/** The list for a terminal. */
export function historyText(entries: readonly HistoryEntry[]): string {
  if (entries.length === 0) return "There was no mission yet.";
  const rows = entries.map(({ mission, application, version, stacks, began, tookMs, state }) => [mission, application, version, stacks.join(", "), began === null ? "-" : moment(began), span(tookMs), state].map(oneLine));
  const all = [["mission", "application", "version", "stacks", "began", "took", "state"], ...rows];
  const widths = (all[0] ?? []).map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  return all.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ").trimEnd()).join("\n");
}

/** @param now milliseconds since 1970 */
export function statusOf(record: MissionRecord, now: number): MissionStatus {
  const facts = new Facts(record.lines);
  const { last, terminal } = facts;
  const waiting = waitingOf(facts);
  const open = openStep(facts);
  const reason = terminal?.line["reason"] ?? facts.decision?.reason;
  const sinceMs = last === undefined ? Number.NaN : Math.max(0, now - Date.parse(last.at));
  return {
    ...entryOf(record, facts),
    phase: facts.phase,
    step: last === undefined ? null : (open ?? (last.line.kind === "result" || last.line.kind === "note" ? stepInWords(last.line.id) : null)),
    weight: weightNow(facts),
    since: last?.at ?? null,
    sinceMs: Number.isFinite(sinceMs) ? sinceMs : null,
    waitsFor: waiting?.what ?? (isParked(facts) ? "a person who goes on with it: it was stopped" : null),
    reason: typeof reason === "string" ? reason : null,
    nextSteps: nextStepsOf(record.subject, facts, facts.find("result", "production/retire") === undefined && facts.find("result", /^production\/\d+\/finish$/) !== undefined),
  };
}

/** The status for a terminal. */
export function statusText(status: MissionStatus): string {
  const { mission, application, version, state, phase, step, weight, sinceMs, since, waitsFor, reason, nextSteps, tookMs, stacks } = status;
  const lines: readonly (readonly [string, string | null])[] = [
    ["mission", mission],
    ["release", `${application} ${version}`],
    ["stacks", stacks.join(", ")],
    ["state", `${state}, after ${span(tookMs)}`],
    ["phase", phase],
    ["step", step],
    ["weight", weight === null ? null : `${weight} % of production's traffic`],
    ["last line", sinceMs === null || since === null ? null : `${span(sinceMs)} ago (${moment(since)})`],
    ["waits for", waitsFor],
    ["why", reason],
  ];
  const shown = lines.flatMap(([name, value]) => (value === null ? [] : [`${name.padEnd(10)} ${oneLine(value)}`]));
  return [...shown, ...nextSteps.flatMap(({ what, command }) => ["", oneLine(what), `  ${oneLine(command)}`])].join("\n");
}

function entryOf({ subject, lines }: MissionRecord, facts: Facts): HistoryEntry {
  return {
    mission: subject.id,
    application: subject.application.name,
    version: subject.version,
    stacks: subject.hotfix === null ? [subject.staging.stack, subject.production.stack] : [subject.production.stack],
    began: lines[0]?.at ?? null,
    tookMs: facts.last === undefined ? 0 : facts.since(facts.last),
    state: facts.terminal?.state ?? "unfinished",
  };
}

/** The step that was announced last and has no end. */
function openStep(facts: Facts): string | undefined {
  const done = new Set(facts.lines.flatMap(({ line }) => (line.kind === "result" ? [line.id] : [])));
  const open = facts.lines.findLast(({ line }) => line.kind === "intent" && !done.has(line.id));
  return open === undefined ? undefined : stepInWords(open.line.id);
}

function weightNow(facts: Facts): number | null {
  const last = facts.lines.findLast(({ line }) => {
    const step = line.kind === "intent" ? weightStepOf(line.id) : null;
    return step?.phase === "production" && step.part === null;
  });
  if (last === undefined) return null;
  const back = facts.lines.some(({ seq, line }) => seq > last.seq && line.kind === "result" && /^production\/(roll-back|\d+\/park)\/traffic$/.test(line.id) && line["value"] === null);
  return back ? null : (weightStepOf(last.line.id)?.weight ?? null);
}

/** Stopped, and nothing was done since but taking traffic back. */
function isParked(facts: Facts): boolean {
  if (facts.terminal !== undefined) return false;
  const note = facts.findLast("note", /\/parked$/);
  return note !== undefined && facts.lines.every(({ seq, line }) => seq <= note.seq || /\/park\/(traffic|reconcile)$|\/probed$/.test(line.id));
}
