import type { Observed } from "../../model/rollout.js";
import type { GateResult } from "../../model/verdict.js";
import type { RolloutIntent } from "../rollout/rollout-intent.js";

/** Which release serves: what the candidate's gates look at is its own test route, what users' gates look at is the service's. */
export type View = "candidate" | "users";

/**
 * One environment as a mission works on it. Everything can be called again after a kill: what is so already is left alone, and a promise resolves
 * only when the platform shows what was asked.
 */
export interface Ground {
  readonly stack: string;
  describe(): Promise<Observed>;
  /** Brings the mission's release dark into the free slots; where nothing was ever deployed, live. */
  stage(): Promise<void>;
  /** Whether the candidate may get more traffic now: no freeze, no hold, the rollback target alive. */
  permit(): Promise<readonly GateResult[]>;
  /** Services whose free slot holds the mission's release while their live slot does not: those that a shift is about. */
  candidates(): Promise<readonly string[]>;
  /** One step of a shift for these services, through the gated `up`. */
  apply(intent: RolloutIntent, services: readonly string[]): Promise<void>;
  /** Takes traffic back by the platform's own interface. @returns a sentence for each service that could not be moved */
  takeBack(intent: RolloutIntent, services: readonly string[]): Promise<readonly string[]>;
  /** Brings the engine's state in line with the platform. */
  reconcile(): Promise<void>;
  /** Runs the environment's checks once, against the candidate's route or the users'. */
  check(view: View): Promise<readonly GateResult[]>;
  /** Watches for some time and judges; ends early when the verdict cannot become better. */
  watch(milliseconds: number): Promise<readonly GateResult[]>;
}
