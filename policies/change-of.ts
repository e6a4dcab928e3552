import type { ServiceRollout } from "../model/rollout.js";
import { otherSlot, type Slot } from "../model/slot.js";
import { Split, splitMistakes } from "../model/split.js";
import { transitionOf, type Transition } from "../model/transition.js";
import type { GatedInputs } from "./gated-inputs.js";

/** Transitions that bring something new, or more traffic to it: those that are judged. */
export type JudgedTransition = Extract<Transition, "bootstrap" | "stage-dark" | "raise">;

/** A SlotSpec as a gated input shows it. */
export type GatedSpec = NonNullable<GatedInputs["specs"]["blue"]>;

/** A change that needs reasons. */
export interface JudgedChange {
  readonly kind: "judged";
  readonly transition: JudgedTransition;
  /** The slot that gets something new, or more traffic. */
  readonly slot: Slot;
  /** What it is to hold. */
  readonly spec: GatedSpec;
  /** Percent of the traffic that the slot has, and is to have. */
  readonly before: number;
  readonly after: number;
  /** Whether the slot has traffic already: when and by what the change began was judged then. */
  readonly goesOn: boolean;
}

/** What one `up` does to a service: nothing that is judged (it stays, or it goes back), something that is, or what cannot be understood, with each reason. */
export type Change = { readonly kind: "free"; readonly transition: Transition } | JudgedChange | { readonly kind: "unclear"; readonly reasons: readonly string[] };

/** The change that `previous` and `wanted` show. What the program calls it is not looked at: it would choose its own rules. */
export function changeOf({ previous, wanted, specs }: Pick<GatedInputs, "previous" | "wanted" | "specs">): Change {
  const mistakes = [...(previous === null ? [] : splitMistakes(previous.split)), ...splitMistakes(wanted.split)];
  if (mistakes.length > 0) return { kind: "unclear", reasons: mistakes };
  const from = previous === null ? undefined : rolloutOf(previous);
  const to = rolloutOf(wanted);
  const verdict = transitionOf(from, to);
  if (!verdict.ok) return { kind: "unclear", reasons: verdict.refusals };
  const { transition } = verdict;
  if (transition !== "bootstrap" && transition !== "stage-dark" && transition !== "raise") return { kind: "free", transition };
  const slot = transition === "bootstrap" ? wanted.live : otherSlot(wanted.live);
  const spec = specs[slot];
  if (spec === null) return { kind: "unclear", reasons: [`Nothing is said of what slot "${slot}" is to hold.`] };
  const before = from?.split.of(slot) ?? 0;
  return { kind: "judged", transition, slot, spec, before, after: to.split.of(slot), goesOn: transition === "raise" && before > 0 };
}

function rolloutOf(inputs: GatedInputs["wanted"]): ServiceRollout {
  return { ...inputs, split: Split.of(inputs.split) };
}
