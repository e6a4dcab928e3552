import { worstVerdict } from "../../model/verdict.js";
import type { ChainedLine } from "../journal/chain.js";
import { recordedGates } from "../mission/recorded-gates.js";
import { PLAN_APPROVAL, phaseOf, weightStepOf } from "../mission/step-names.js";
import type { Facts } from "./facts.js";

/** Something that happened, in words. Times are milliseconds since the mission began. */
export interface TimelineEntry {
  readonly phase: string;
  /** The step's name in the journal. */
  readonly step: string;
  readonly what: string;
  readonly atMs: number;
  /** How long it took; null for a moment, and for what was begun and has no recorded end. */
  readonly tookMs: number | null;
  /** Begun, and no end recorded. */
  readonly open: boolean;
}

/** A phase, from its beginning to the next one's, or to the end of the journal. */
export interface PhaseTime {
  readonly phase: string;
  readonly atMs: number;
  /** Null while it is under way. */
  readonly tookMs: number | null;
}

/** The phases in their order. */
export function phasesOf(facts: Facts): PhaseTime[] {
  const begun = facts.lines.filter(({ line }) => line.kind === "phase");
  return begun.map((entry, index) => {
    const end = begun[index + 1] ?? facts.terminal;
    return { phase: entry.line.id, atMs: facts.since(entry), tookMs: end === undefined ? null : Math.max(0, facts.since(end) - facts.since(entry)) };
  });
}

/** Everything that changed something, was decided or was judged, oldest first. */
export function timelineOf(facts: Facts): TimelineEntry[] {
  const begins = new Map<string, ChainedLine>();
  const entries: TimelineEntry[] = [];
  const add = (entry: ChainedLine, what: string, from: ChainedLine | undefined = undefined, open = false) => {
    const atMs = facts.since(from ?? entry);
    entries.push({ phase: phaseOf(entry.line.id), step: entry.line.id, what, atMs, tookMs: from === undefined ? null : Math.max(0, facts.since(entry) - atMs), open });
  };
  for (const entry of facts.lines) {
    const { kind, id } = entry.line;
    if (kind === "intent") begins.set(id, entry);
    else if (kind === "result") {
      const what = resultInWords(entry, begins.has(id));
      if (what !== null) add(entry, what, begins.get(id));
      begins.delete(id);
    } else if (kind === "note") {
      const what = noteInWords(id);
      if (what !== null) add(entry, what);
    } else if (kind === "start") add(entry, "The mission began.");
    else if (kind === "phase") add(entry, `Phase "${id}" began.`);
    else add(entry, `The mission ended: ${id}.`);
  }
  for (const entry of begins.values()) add(entry, `${stepInWords(entry.line.id)}: begun; no end is recorded.`, undefined, true);
  return entries.sort((a, b) => a.atMs - b.atMs);
}

function resultInWords({ line }: ChainedLine, effect: boolean): string | null {
  const gates = recordedGates(line["value"]);
  if (gates.length > 0) return `${stepInWords(line.id)}: ${worstVerdict(gates.map(({ verdict }) => verdict))} (${gates.map(({ gate, verdict }) => (verdict === "PASS" ? gate : `${gate} ${verdict}`)).join(", ")}).`;
  if (/\/decided$/.test(line.id)) return typeof line["value"] === "string" ? `Decided to go back: ${line["value"]}` : null;
  if (!effect) return null;
  const failed = /\/(roll-back|park)\/traffic$/.test(line.id) && Array.isArray(line["value"]);
  return `${stepInWords(line.id)}${failed ? ": failed" : ""}.`;
}

function noteInWords(id: string): string | null {
  if (/\/parked$/.test(id)) return `A person stopped the mission in phase "${phaseOf(id)}"; its traffic goes back.`;
  if (id === PLAN_APPROVAL) return "Waits for a person to approve the plan, before production begins.";
  const step = weightStepOf(id);
  return step?.part === "approval" ? `Waits for a person to approve ${step.weight} %.` : null;
}

const WORDS: readonly (readonly [RegExp, string])[] = [
  [/\/migrate$/, "Expand migrations"],
  [/\/stage$/, "Release dark in the free slots"],
  [/\/stage\/checks$/, "Checks of the dark release"],
  [/\/drill\/back$/, "Rollback drill: traffic back"],
  [/\/drill\/forward$/, "Rollback drill: forward again"],
  [/\/drill\/reconcile$/, "Rollback drill: engine's state in line"],
  [/\/drill\/checks$/, "Checks after the drill"],
  [/\/finish$/, "Release recorded as live"],
  [/\/retire$/, "Old slot gives up its capacity"],
  [/\/(roll-back|park)\/traffic$/, "Traffic back to what was live before"],
  [/\/(roll-back|park)\/reconcile$/, "Engine's state in line with the platform"],
  [/\/hold$/, "Hold: no promotion until a person releases it"],
  [/\/freeze$/, "Freeze: nothing moves until a person acts"],
  [/^validate\/gates$/, "Gates of the codebase"],
  [/^plan\/gates$/, "Gates of the plan"],
  [/^plan\/approval$/, "Approval of the plan"],
  [/\/in-line$/, "Engine in line with the platform"],
  [/^monitor\/\d+\/watch$/, "Users watched"],
  [/^monitor\/afterwards$/, "Proofs at the end, which do not decide"],
];

/** A step's name for people; the name itself where nothing better is known. */
export function stepInWords(id: string): string {
  const step = weightStepOf(id);
  const again = step !== null && step.attempt > 1 ? ` (attempt ${step.attempt})` : "";
  if (step?.part === null) return `Candidate gets ${step.weight} %${again}`;
  if (step !== null) return `${{ bake: "Bake", checks: "Checks", permit: "Permission", approval: "Approval" }[step.part] ?? step.part} at ${step.weight} %${again}`;
  return WORDS.find(([pattern]) => pattern.test(id))?.[1] ?? `Step "${id}"`;
}
