import type { GatedInputs } from "./gated-inputs.js";
import type { PackContext } from "./pack-context.js";

/** What a rule is asked about: one service, and what one `up` is to do with it. */
export interface Judged {
  readonly gated: GatedInputs;
  /** Name of the stack, from its resources' URN: the gated party cannot choose it by configuration. */
  readonly stack: string;
  /** By the pack's own mapping of stacks, whatever the program says. */
  readonly environment: "staging" | "production";
  readonly context: PackContext;
}

/** A number that whoever runs the pack may make stricter by `--policy-pack-config`. `minimum` and `maximum` keep it from being made laxer than the default. */
export interface Threshold {
  readonly description: string;
  readonly default: number;
  readonly minimum: number;
  readonly maximum: number;
}

/** Values of a rule's thresholds, by name; one that is missing is its default. */
export type Thresholds = Readonly<Record<string, number>>;

/** One criterion, or one invariant, on a service. */
export interface Rule {
  /** In kebab-case; the name of the policy, and of its page below `docs/policies/`. */
  readonly name: string;
  /** One sentence: what it demands. */
  readonly description: string;
  readonly severity: "medium" | "high" | "critical";
  /** What to do when it refuses, one or two sentences. */
  readonly remediation: string;
  /** Numbers that it judges by. */
  readonly thresholds?: Readonly<Record<string, Threshold>>;
  /**
   * Judges; asks nobody but the context.
   * @returns why not, a sentence each; none when it is allowed
   * @throws nothing on purpose: whatever is thrown denies
   */
  readonly check: (judged: Judged, thresholds?: Thresholds) => readonly string[] | Promise<readonly string[]>;
}
