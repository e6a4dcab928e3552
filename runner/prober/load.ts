import type { Outcome } from "./outcome.js";
import type { MarkedTally } from "./marked-tally.js";

/** Requests going out until somebody says stop. */
export interface Load {
  /** Resolves when sending has ended and every request is settled. */
  readonly finished: Promise<void>;
  /** Sends nothing more; what is in flight may finish within its time limit. */
  stop(): void;
  /** Stops and gives up what is in flight. */
  abandon(): void;
}

/** Where a load tells what happens. */
export interface Observer {
  readonly tally: MarkedTally;
  /** A response began. */
  answered(): void;
  /** A request is over; `latencyMs` counts from its scheduled time. */
  settled(outcome: Outcome, latencyMs: number): void;
}
