import type { SlotWindow, WindowResult } from "../../model/slot-window.js";
import type { RecordedService } from "./baseline.js";

/** How long a recorded baseline says something about now: load and neighbours change over a day. */
export const FRESH_MS = 6 * 3_600_000;

/** What a candidate is compared with; `window` is null where only the ceilings decide. */
export interface ChosenBaseline {
  readonly kind: "concurrent" | "recorded" | "thresholds";
  readonly window: WindowResult | null;
  /** Which one and why, as a sentence. */
  readonly text: string;
}

/** What there is to choose from. */
export interface BaselineChoice {
  /** The other slot over the same time; null where it has no weight. A window that is none stays an error: nobody looks away from it. */
  readonly concurrent: WindowResult | null;
  /** Version and digest of the SlotSpec in the other slot; null where it is empty. */
  readonly other: { readonly version: string; readonly spec: string } | null;
  readonly recorded: RecordedService | null;
  /** How old the recorded one is, milliseconds. */
  readonly ageMs: number;
  readonly minimumSamples: number;
}

/**
 * The concurrent baseline while it has weight and enough traffic; else what was recorded of the same SlotSpec before the mission, if it is fresh
 * and has enough; else none.
 */
export function chooseBaseline({ concurrent, other, recorded, ageMs, minimumSamples }: BaselineChoice): ChosenBaseline {
  if (concurrent !== null && (!concurrent.ok || enough(concurrent.window, minimumSamples))) {
    return { kind: "concurrent", window: concurrent, text: `Baseline: release ${other?.version ?? "unknown"} in the other slot over the same time.` };
  }
  const why = concurrent?.ok === true ? `the other slot had ${concurrent.window.requests} requests, at least ${minimumSamples} are needed` : "the other slot has no weight";
  const refusal = mistakeInRecorded({ other, recorded, ageMs, minimumSamples });
  if (recorded === null || refusal !== undefined) return { kind: "thresholds", window: null, text: `No baseline, only the ceiling decides: ${why}, and ${refusal ?? "nothing was recorded before"}.` };
  return { kind: "recorded", window: { ok: true, window: recorded.window }, text: `Baseline: what was recorded of release ${recorded.version} before the mission, because ${why}.` };
}

function mistakeInRecorded({ other, recorded, ageMs, minimumSamples }: Omit<BaselineChoice, "concurrent">): string | undefined {
  if (recorded === null) return "nothing was recorded before";
  if (other?.spec !== recorded.spec) return "what was recorded before is of something else than the other slot holds";
  if (!(ageMs <= FRESH_MS)) return `what was recorded before is ${Math.round(ageMs / 60_000)} minutes old, allowed are ${FRESH_MS / 60_000}`;
  return enough(recorded.window, minimumSamples) ? undefined : `what was recorded before has ${recorded.window.requests} requests`;
}

function enough({ requests }: SlotWindow, minimumSamples: number): boolean {
  return requests >= minimumSamples;
}
