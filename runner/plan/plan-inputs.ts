import type { Observed } from "../../model/rollout.js";
import type { GateResult } from "../../model/verdict.js";
import type { ReleasedSubject } from "../mission/subject.js";
import type { Capabilities } from "../platforms/adapter.js";
import type { Standing } from "../store/mission-store.js";
import type { PreviewSummary } from "./preview-summary.js";

/** One value per environment. */
export interface PerEnvironment<T> {
  readonly staging: T;
  readonly production: T;
}

/** Everything that a plan is made from; nothing is read besides. */
export interface PlanInputs {
  readonly subject: ReleasedSubject;
  readonly observed: PerEnvironment<Observed>;
  readonly capabilities: PerEnvironment<Capabilities>;
  readonly standing: PerEnvironment<Standing>;
  /** When the plan is made, milliseconds since 1970. */
  readonly now: number;
  /** Requests a second that production's services were seen to get; services of which nothing is known are left out. */
  readonly traffic?: Readonly<Record<string, number>>;
  /** Whether a person approves each further step. */
  readonly pause?: boolean;
  /** Whether the policy pack demands that a person approves the plan before production begins. */
  readonly planApproval?: boolean;
  /** What a preview of both stacks said. */
  readonly preview?: PerEnvironment<PreviewSummary>;
  /** How long the last drill in staging took to bring traffic back, milliseconds. */
  readonly drillMs?: number;
  /** Gates that were judged already, such as those of the codebase; what is not among them comes later. */
  readonly gates?: readonly GateResult[];
}

export const ENVIRONMENTS = ["staging", "production"] as const;
