import type { ShiftStep } from "../../model/strategy.js";
import type { GateResult } from "../../model/verdict.js";
import type { Ground } from "./ground.js";
import type { Steps } from "./steps.js";

/** The phases in their order; a hotfix has no `staging`. */
export type PhaseName = "validate" | "plan" | "staging" | "production" | "monitor";

/** What a mission is made of. Everything it does outside itself goes through these. */
export interface MissionParts {
  /** Gates of the codebase: tests, artifacts, configuration, migrations, checklist. Its own steps are recorded, too. */
  validate(steps: Steps): Promise<readonly GateResult[]>;
  /** Gates of the plan: window, rollback target, monitoring. Judged once, before anything is deployed. */
  plan(steps: Steps): Promise<readonly GateResult[]>;
  /** Whether both environments serve this very release in this very configuration already. */
  nothingToDo(): Promise<boolean>;
  /** Looked at after `validate` and `plan`, which make the release that it deploys. */
  readonly staging: Ground;
  readonly production: Ground;
  /** A hotfix goes to production without staging; what that leaves out is waived in `validate`. */
  readonly hotfix: boolean;
  readonly strategy: readonly ShiftStep[];
  /** How long staging is watched under all traffic, in milliseconds: it shows the release itself, not the strategy. */
  readonly stagingBakeMs: number;
  /** How long users are watched after 100 %, in milliseconds. */
  readonly monitorMs: number;
  /** Time limits, milliseconds. */
  readonly limits: Readonly<Record<PhaseName, number>>;
  /** Environments whose old slot gives up its capacity at the end of the mission, because it is to be kept warm no longer than the mission watches. */
  readonly retires: { readonly staging: boolean; readonly production: boolean };
  /** Signs what staging has shown, with the rollback drill: evidence for production. */
  provedInStaging(drill: GateResult | null): Promise<readonly GateResult[]>;
  /** Proofs at the end that do not decide: whether an alarm reaches people. */
  afterwards(): Promise<readonly GateResult[]>;
  /** After a rollback: no automatic promotion until a person releases it. */
  hold(stack: string, reason: string): Promise<void>;
  /** Traffic is not back for certain: nothing moves until a person acts. */
  freeze(stack: string, reason: string): Promise<void>;
  /** Before production begins, where a person is to agree to the plan; null: nobody is asked. */
  readonly approvePlan: (() => Promise<readonly GateResult[]>) | null;
  /** Between two steps of production, where a person is to approve; null: nobody is asked. */
  readonly approve: ((step: ShiftStep) => Promise<readonly GateResult[]>) | null;
}
