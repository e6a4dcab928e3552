import { z } from "zod";
import { otherSlot, type Slot } from "./slot.js";

/**
 * How new requests are shared between the slots: two integer weights, 0 to 100, that sum to 100.
 * The constructor is private: a Split that holds anything else cannot exist.
 */
export class Split {
  private constructor(
    readonly blue: number,
    readonly green: number,
  ) {}

  /** All traffic to one slot. */
  static all(slot: Slot): Split {
    return slot === "blue" ? new Split(100, 0) : new Split(0, 100);
  }

  /**
   * `weight` percent to `slot`, the rest to the other one.
   * @throws RangeError unless `weight` is an integer from 0 to 100.
   */
  static weight(slot: Slot, weight: number): Split {
    const mistake = weightMistake(weight);
    if (mistake !== undefined) throw new RangeError(mistake);
    return slot === "blue" ? new Split(weight, 100 - weight) : new Split(100 - weight, weight);
  }

  /** From plain weights. @throws RangeError with every mistake in words. */
  static of(weights: { readonly blue: number; readonly green: number }): Split {
    const mistakes = splitMistakes(weights);
    if (mistakes.length > 0) throw new RangeError(mistakes.join(" "));
    return new Split(weights.blue, weights.green);
  }

  /** The weight of a slot, 0 to 100. */
  of(slot: Slot): number {
    return this[slot];
  }

  equals(that: { readonly blue: number; readonly green: number }): boolean {
    return this.blue === that.blue && this.green === that.green;
  }

  /** In words, live first: `blue 90 / green 10`. */
  describe(live: Slot): string {
    const rest = otherSlot(live);
    return `${live} ${this.of(live)} / ${rest} ${this.of(rest)}`;
  }
}

/** Why `weight` is no weight, or undefined. */
export function weightMistake(weight: unknown): string | undefined {
  if (typeof weight === "number" && Number.isInteger(weight) && weight >= 0 && weight <= 100) return undefined;
  return `A weight is ${show(weight)}; allowed is a whole number from 0 to 100.`;
}

function show(value: unknown): string {
  return typeof value === "number" ? String(value) : (JSON.stringify(value) ?? String(value));
}

/** Every mistake in a pair of weights, in words; none when they make a split. */
export function splitMistakes(weights: { readonly blue: unknown; readonly green: unknown }): string[] {
  const mistakes = (["blue", "green"] as const).flatMap((slot) => {
    const mistake = weightMistake(weights[slot]);
    return mistake === undefined ? [] : [mistake.replace("A weight", `The weight of slot "${slot}"`)];
  });
  if (mistakes.length > 0) return mistakes;
  const sum = (weights.blue as number) + (weights.green as number);
  return sum === 100 ? [] : [`The weights sum to ${sum}; they must sum to 100.`];
}

/** A split as it is written in files: `{blue: 90, green: 10}`. */
export const splitSchema = z
  .strictObject({ blue: z.unknown(), green: z.unknown() })
  .superRefine((weights, context) => {
    for (const message of splitMistakes(weights)) context.addIssue({ code: "custom", message });
  })
  .transform((weights) => Split.of(weights as { blue: number; green: number }));
