import type { GateResult } from "../../model/verdict.js";
import type { ChainedLine } from "../journal/chain.js";
import type { JournalLine } from "../mission/journal-port.js";
import type { MissionState } from "../mission/outcome.js";
import { recordedGates } from "../mission/recorded-gates.js";
import { phaseOf } from "../mission/step-names.js";

const STATES: readonly string[] = ["succeeded", "rolled-back", "failed-safe", "refused"] satisfies readonly MissionState[];

/** A gate as it was judged in a mission. */
export interface GateFact extends GateResult {
  readonly phase: string;
  /** The step that judged it. */
  readonly step: string;
  /** Milliseconds since the mission began. */
  readonly atMs: number;
}

/** Why a mission did not go on. */
export interface Decision {
  readonly phase: string;
  readonly reason: string;
  /** When the first of the deciding gates was recorded, or else the decision itself. */
  readonly atMs: number;
  /** The recorded gates that the reason names; none when it was something else, such as an engine that failed. */
  readonly gates: readonly GateFact[];
}

/** Reads a journal, whole or not; everything is relative to its first line. Whatever a line lacks is left out; nothing throws. */
export class Facts {
  readonly gates: readonly GateFact[];
  readonly #began: number;

  constructor(readonly lines: readonly ChainedLine[]) {
    this.#began = Date.parse(lines[0]?.at ?? "");
    this.gates = lines.flatMap((entry) =>
      entry.line.kind === "result" ? recordedGates(entry.line["value"]).map((gate) => ({ ...gate, phase: phaseOf(entry.line.id), step: entry.line.id, atMs: this.since(entry) })) : [],
    );
  }

  /** Milliseconds from the first line to this one; never below 0, whatever clocks did. */
  since({ at }: Pick<ChainedLine, "at">): number {
    const milliseconds = Date.parse(at) - this.#began;
    return Number.isFinite(milliseconds) ? Math.max(0, milliseconds) : 0;
  }

  get last(): ChainedLine | undefined {
    return this.lines.at(-1);
  }

  get terminal(): (ChainedLine & { readonly state: MissionState }) | undefined {
    const last = this.last;
    return last?.line.kind === "terminal" && STATES.includes(last.line.id) ? { ...last, state: last.line.id as MissionState } : undefined;
  }

  /** The first line of a kind whose name matches. */
  find(kind: JournalLine["kind"], id: string | RegExp): ChainedLine | undefined {
    return this.lines.find(({ line }) => line.kind === kind && matches(line.id, id));
  }

  findLast(kind: JournalLine["kind"], id: string | RegExp): ChainedLine | undefined {
    return this.lines.findLast(({ line }) => line.kind === kind && matches(line.id, id));
  }

  /** What a step's result says; undefined where there is none. */
  value(id: string | RegExp): JournalLine[string] | undefined {
    return this.findLast("result", id)?.line["value"];
  }

  /** The phase that is under way, or was last. */
  get phase(): string | null {
    return this.findLast("phase", /./)?.line.id ?? null;
  }

  get decision(): Decision | null {
    const decided = this.lines.findLast(({ line }) => line.kind === "result" && /^(staging|production)\/decided$/.test(line.id) && typeof line["value"] === "string");
    const terminal = this.terminal;
    const entry = decided ?? (terminal !== undefined && terminal.state !== "succeeded" ? terminal : undefined);
    if (entry === undefined) return null;
    const said = entry.line[decided === undefined ? "reason" : "value"];
    const reason = typeof said === "string" ? said : "No reason is recorded.";
    const named = this.gates.filter(({ gate, verdict, atMs }) => verdict !== "PASS" && atMs <= this.since(entry) && reason.includes(`"${gate}"`));
    const step = named.at(-1)?.step;
    const gates = named.filter((each) => each.step === step);
    return { phase: decided === undefined ? (gates[0]?.phase ?? this.phase ?? "validate") : phaseOf(entry.line.id), reason, atMs: gates[0]?.atMs ?? this.since(entry), gates };
  }
}

function matches(id: string, wanted: string | RegExp): boolean {
  return typeof wanted === "string" ? id === wanted : wanted.test(id);
}
