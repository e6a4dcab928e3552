import type { Observed } from "../../model/rollout.js";
import type { GateResult } from "../../model/verdict.js";
import type { Pause } from "../rollout/patience.js";
import type { RolloutIntent } from "../rollout/rollout-intent.js";
import type { Json } from "./journal-port.js";

/** Which release serves: what the candidate's gates look at is its own test route, what users' gates look at is the service's. */
export type View = "candidate" | "users";

/** What an open-loop client outside the platform saw of a service from some moment on. A type, not an interface: it is recorded as JSON. */
export type Probed = {
  readonly sent: number;
  readonly failed: number;
  /** Longest time without a success, milliseconds. */
  readonly longestGapMs: number;
  /** 95th percentile of response times, milliseconds; null without an answer. */
  readonly p95Ms: number | null;
  /** Requests answered and failed by release; `unknown`: no answer, or one that did not say. */
  readonly byRelease: { readonly [release: string]: { readonly requests: number; readonly failed: number } };
};

/**
 * One environment as a mission works on it. Everything can be called again after a kill: what is so already is left alone, and a promise resolves
 * only when the platform shows what was asked.
 */
export interface Ground {
  readonly stack: string;
  describe(): Promise<Observed>;
  /** Brings the database to what the release needs, by its expand migrations. @returns what was applied, for the record; null when there is nothing to apply */
  migrate(): Promise<Json>;
  /** What the environment is configured to run now, before the mission's release is: for `reconcile` to return to. */
  configured(): Promise<Json>;
  /** Brings the mission's release dark into the free slots; where nothing was ever deployed, live. */
  stage(): Promise<void>;
  /** Whether the candidate may get more traffic now: no freeze, no hold, the rollback target alive; for the first raise also the window. */
  permit(raise: "first" | "later"): Promise<readonly GateResult[]>;
  /** Services whose free slot holds the mission's release while their live slot does not: those that a shift is about. */
  candidates(): Promise<readonly string[]>;
  /** One step of a shift for these services, through the gated `up`. */
  apply(intent: RolloutIntent, services: readonly string[]): Promise<void>;
  /** Takes traffic back by the platform's own interface. @returns a sentence for each service that could not be moved */
  takeBack(intent: RolloutIntent, services: readonly string[]): Promise<readonly string[]>;
  /** How the time between attempts to go back passes. Default: as the clock says. */
  readonly pause?: Pause;
  /**
   * Brings the engine's state in line with the platform.
   * @param configured what the environment is configured to run from here on, as `configured` told it, so that no later `up` tries again what was rolled
   *   back; null: as it is
   * @returns why the policy pack has not judged that; null when it has
   */
  reconcile(configured: Json): Promise<string | null>;
  /** Whether the engine has nothing left to do, the policy pack nothing to object to, and the engine's state no secret that can be read. */
  inLine(): Promise<readonly GateResult[]>;
  /** Runs the environment's checks once, against the candidate's route or the users'. */
  check(view: View): Promise<readonly GateResult[]>;
  /** What the live release is like before anything moves, per service, for steps where nothing serves beside the candidate; null where nothing is live. */
  baseline(): Promise<Json>;
  /**
   * Watches for some time and judges; ends early when the verdict cannot become better.
   * @param baseline what `baseline` returned
   */
  watch(milliseconds: number, baseline: Json): Promise<readonly GateResult[]>;
  /** Begins to send requests from outside, where something serves; nothing when that goes on already. */
  startProbing(): Promise<void>;
  /** What was seen since the probing began, or since the last mark; null while nothing is sent. */
  probed(since?: "start" | "mark"): Promise<Probed | null>;
  /** Sets the mark that `probed("mark")` counts from. */
  markProbed(): Promise<void>;
  /** Ends the probing. @returns what was seen since it began; null when it was not going on */
  stopProbing(): Promise<Probed | null>;
}
