import type { MissionSubject } from "../mission/subject.js";
import { PLAN_APPROVAL, weightStepOf } from "../mission/step-names.js";
import { COMMANDS } from "./commands.js";
import type { Facts } from "./facts.js";

/** What a person can do now. */
export interface NextStep {
  readonly what: string;
  /** To be typed as it is. */
  readonly command: string;
}

/** What a mission waits for; null when it waits for nobody. */
export interface Waiting {
  readonly what: string;
  readonly sinceMs: number;
  /** Percent; null where it is the plan. */
  readonly weight: number | null;
}

/** Whether the journal's end is a wait for a person. */
export function waitingOf(facts: Facts): Waiting | null {
  const note = facts.findLast("note", /\/approval$/);
  const weight = note === undefined ? null : (weightStepOf(note.line.id)?.weight ?? null);
  if (note === undefined || (weight === null && note.line.id !== PLAN_APPROVAL) || facts.terminal !== undefined || facts.lines.some(({ seq, line }) => seq > note.seq && line.kind !== "note")) return null;
  return { what: `a person who approves ${weight === null ? "the plan" : `${weight} %`}`, sinceMs: facts.since(note), weight };
}

/** @param warm whether production's old slot stays warm, so that going back takes seconds */
export function nextStepsOf({ id, codebase, version, production, staging }: MissionSubject, facts: Facts, warm: boolean): NextStep[] {
  const again = { what: "When the cause is mended, deploy a new version:", command: `./mission deploy ${quoted(codebase)}` };
  switch (facts.terminal?.state) {
    case "succeeded":
      return [
        { what: "See what each slot holds:", command: COMMANDS.show(production.stack) },
        ...(warm ? [{ what: `Go back from ${version} at once, while the old slot is warm:`, command: COMMANDS.rollBackStack(production.stack) }, { what: "Or without a hold, through the engine:", command: COMMANDS.restore(production.stack) }, { what: "Or stop the old slot's instances now:", command: COMMANDS.retire(production.stack) }] : []),
      ];
    case "rolled-back":
      return [{ what: "See what each slot holds:", command: COMMANDS.show(production.stack) }, { what: "Release the hold, with the reason why the next release may go on by itself:", command: COMMANDS.releaseHold(production.stack) }, again];
    case "refused":
      return [again];
    case "failed-safe": {
      const { stack } = facts.decision?.phase === "staging" ? staging : production;
      return [{ what: "See what serves now:", command: COMMANDS.show(stack) }, { what: "Try again to take traffic back, by the platform's own interface:", command: COMMANDS.rollBackStack(stack) }, { what: "Or through the engine, the candidate's traffic (before it was recorded as live):", command: `./mission rollout set ${stack} 0` }, { what: "Or give all traffic back to the slot that was live before (after that):", command: COMMANDS.restore(stack) }, { what: "When it is well, end the freeze:", command: COMMANDS.unfreeze(stack) }];
    }
    case undefined: {
      if (waitingOf(facts) !== null) return [{ what: "Approve it:", command: COMMANDS.approve(id) }, { what: "Or go back:", command: COMMANDS.rollBack(id) }];
      return [{ what: "See whether it runs:", command: COMMANDS.status(id) }, { what: "If it does not, go on with it:", command: COMMANDS.resume(id) }, { what: "Or go back:", command: COMMANDS.rollBack(id) }];
    }
  }
}

/** As a shell takes it for one word. */
function quoted(path: string): string {
  return /^[\w./@:+,-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
}
