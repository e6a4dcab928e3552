import { otherSlot } from "./slot.js";
import type { ServiceRollout, SlotState } from "./rollout.js";

/**
 * What one `up` does to one service. `none`: nothing; `bootstrap`: first deployment; `stage-dark`: a new SlotSpec into the free slot;
 * `raise`, `lower`: the candidate's weight goes up or down; `finish`: live becomes the candidate, no weight moves; `restore`: all traffic
 * back to the slot that was live before; `retire`: the old slot's capacity goes to 0; `remove`: the service leaves.
 */
export const TRANSITIONS = ["none", "bootstrap", "stage-dark", "raise", "lower", "finish", "restore", "retire", "remove"] as const;
export type Transition = (typeof TRANSITIONS)[number];

/** A transition, or why there is none: a sentence for each thing that is wrong. */
export type TransitionVerdict =
  | { readonly ok: true; readonly transition: Transition }
  | { readonly ok: false; readonly refusals: readonly string[] };

const yes = (transition: Transition): TransitionVerdict => ({ ok: true, transition });
const no = (...refusals: string[]): TransitionVerdict => ({ ok: false, refusals });

/**
 * The transition from one state of a service to another. One `up` does one thing to a service: a change that mixes two
 * (a new SlotSpec and a weight, say) is refused, because neither half could be judged by itself.
 */
export function transitionOf(previous: ServiceRollout | undefined, wanted: ServiceRollout | undefined): TransitionVerdict {
  if (wanted === undefined) return yes(previous === undefined ? "none" : "remove");
  if (previous === undefined) return bootstrap(wanted);

  const changed = (["blue", "green"] as const).filter((slot) => !sameSlot(previous.slots[slot], wanted.slots[slot]));
  const moves = !previous.split.equals(wanted.split);
  const promotes = previous.live !== wanted.live;

  if (changed.length > 0 && (moves || promotes)) {
    return no("A slot's content and its traffic change in one step; change the slot first, then its weight.");
  }
  if (changed.length > 1) return no("Both slots change in one step; only the free slot may change.");
  const slot = changed[0];
  if (slot !== undefined) return slotChange(previous, wanted, slot);
  if (promotes) return promotion(previous, wanted);
  if (moves) return weightChange(previous, wanted);
  return yes("none");
}

function bootstrap(wanted: ServiceRollout): TransitionVerdict {
  const idle = otherSlot(wanted.live);
  const refusals: string[] = [];
  if (wanted.slots[wanted.live] === null) refusals.push(`A first deployment needs a SlotSpec in its live slot "${wanted.live}".`);
  if (wanted.slots[idle] !== null) refusals.push(`A first deployment leaves slot "${idle}" empty.`);
  if (wanted.split.of(wanted.live) !== 100) refusals.push(`A first deployment gives slot "${wanted.live}" 100, not ${wanted.split.of(wanted.live)}.`);
  return refusals.length > 0 ? no(...refusals) : yes("bootstrap");
}

function slotChange(previous: ServiceRollout, wanted: ServiceRollout, slot: "blue" | "green"): TransitionVerdict {
  const weight = previous.split.of(slot);
  if (weight > 0) return no(`Slot "${slot}" has ${weight} % of the traffic; a slot with weight is never changed.`);
  if (previous.live === slot) return no(`Slot "${slot}" is recorded live; a live slot is never changed.`);
  const before = previous.slots[slot];
  const after = wanted.slots[slot];
  if (after === null) return no(`Slot "${slot}" would lose its SlotSpec; retire it instead (0 instances).`);
  if (before !== null && before.spec === after.spec && after.instances === 0) return yes("retire");
  if (after.instances === 0) return no(`Slot "${slot}" would get a new SlotSpec with 0 instances; a candidate has at least one.`);
  return yes("stage-dark");
}

function promotion(previous: ServiceRollout, wanted: ServiceRollout): TransitionVerdict {
  if (previous.split.equals(wanted.split)) {
    const weight = wanted.split.of(wanted.live);
    return weight === 100
      ? yes("finish")
      : no(`Slot "${wanted.live}" has ${weight} % of the traffic; live becomes the candidate only at 100.`);
  }
  const target = wanted.slots[wanted.live];
  if (wanted.split.of(wanted.live) !== 100 || previous.split.of(previous.live) !== 100) {
    return no("Live and weights change in one step; that is allowed only to restore: from 100 % of one slot to 100 % of the other.");
  }
  if (target === null || target.instances === 0) {
    return no(`Slot "${wanted.live}" is ${target === null ? "empty" : "retired (0 instances)"}; there is nothing to restore.`);
  }
  if (target.spec !== previous.returnTo) {
    return no(`Slot "${wanted.live}" holds another SlotSpec than the one that was live before; raise it step by step instead.`);
  }
  return yes("restore");
}

function weightChange(previous: ServiceRollout, wanted: ServiceRollout): TransitionVerdict {
  const candidate = otherSlot(previous.live);
  const target = wanted.slots[candidate];
  if (wanted.split.of(candidate) < previous.split.of(candidate)) return yes("lower");
  if (target === null) return no(`Slot "${candidate}" is empty; it cannot get traffic. Stage a release there first.`);
  if (target.instances === 0) return no(`Slot "${candidate}" is retired (0 instances); it cannot get traffic. Stage a release there first.`);
  return yes("raise");
}

function sameSlot(a: SlotState | null, b: SlotState | null): boolean {
  if (a === null || b === null) return a === b;
  return a.spec === b.spec && a.instances === b.instances;
}
