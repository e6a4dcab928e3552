import { z } from "zod";
import { durationSchema, parseDuration } from "./duration.js";

/** One step of a strategy. */
export interface ShiftStep {
  /** Percent of the traffic, 1 to 100. */
  readonly weight: number;
  /** How long the weight is held while it is analysed, in milliseconds. */
  readonly bakeMs: number;
}

/** How traffic is shifted: named, as steps whose weights rise and end at 100. */
export interface Strategy {
  readonly name: StrategyName;
  readonly steps: readonly ShiftStep[];
}

/** Weights of the named strategies; `linear`: CodeDeploy's and Flagger's usual tenth. */
const WEIGHTS = {
  "blue-green": [10, 50, 100],
  canary: [5, 100],
  linear: [10, 20, 30, 40, 50, 60, 70, 80, 90, 100],
  "all-at-once": [100],
} as const;
export type StrategyName = keyof typeof WEIGHTS | "custom";
export const STRATEGY_NAMES = Object.keys(WEIGHTS) as readonly (keyof typeof WEIGHTS)[];

const bakeSchema = durationSchema("1s", "24h");
const stepSchema = z.strictObject({
  weight: z.int().min(1).max(100).describe("Percent of the traffic, 1 to 100."),
  bake: bakeSchema.optional().describe("How long it is held and watched, 1s to 24h. Default: the environment's mission:bake."),
});

/** A strategy as a person writes it. */
export const strategySchema = z.union(
  [
    z.enum(STRATEGY_NAMES),
    z.strictObject({ name: z.enum(STRATEGY_NAMES), bake: bakeSchema.optional().describe("How long each weight is held, 1s to 24h. Default: the environment's mission:bake.") }),
    z.strictObject({
      steps: z
        .array(stepSchema)
        .min(1)
        .max(50)
        .refine((steps) => steps.every(({ weight }, index) => weight > (steps[index - 1]?.weight ?? 0)), { error: "the weights of the steps must rise" })
        .refine((steps) => steps.at(-1)?.weight === 100, { error: "the last step must have the weight 100" }),
    }),
  ],
  { error: `allowed is one of ${STRATEGY_NAMES.join(", ")}, or {name, bake}, or {steps: [{weight, bake}]} with weights that rise to 100` },
);
export type DeclaredStrategy = z.output<typeof strategySchema>;

/** The steps of a declared strategy. `bake` is a duration: the environment's, for steps that name none. */
export function resolveStrategy(declared: DeclaredStrategy, bake: string): Strategy {
  if (typeof declared === "object" && "steps" in declared) {
    return { name: "custom", steps: declared.steps.map((step) => ({ weight: step.weight, bakeMs: parseDuration(step.bake ?? bake) })) };
  }
  const { name, bake: own = bake } = typeof declared === "string" ? { name: declared } : declared;
  return { name, steps: WEIGHTS[name].map((weight) => ({ weight, bakeMs: parseDuration(own) })) };
}
