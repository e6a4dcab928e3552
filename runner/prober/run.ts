import { now } from "./clock.js";
import type { Load, Observer } from "./load.js";
import { MarkedTally } from "./marked-tally.js";
import { OpenLoop } from "./open-loop.js";
import type { ResolvedProberOptions } from "./options.js";
import { RequestLog } from "./request-log.js";
import { Sender } from "./sender.js";
import { Streams } from "./streams.js";
import type { ProbeSummary } from "./summary.js";

/** A load with its log and its sums. */
export interface Run {
  /** Sends nothing more; `summary` follows when everything in flight is settled. */
  stop(): void;
  /** Ends at once. */
  abandon(): void;
  /** From now on `snapshot("mark")` counts; another mark takes the place of the one before. */
  mark(): void;
  /** The sums so far, of everything or of what was started since the mark; without a mark they are the same. */
  snapshot(since?: "start" | "mark"): ProbeSummary;
  /** The sums at the end, once the log is complete. Rejects when the log could not be written. */
  readonly summary: Promise<ProbeSummary>;
}

/**
 * Starts sending.
 * @param onAnswer called at the first answer
 * @throws Error when the log cannot be opened
 */
export async function startRun(options: ResolvedProberOptions, onAnswer: () => void): Promise<Run> {
  let load: Load | undefined;
  const log = options.log === undefined ? undefined : await RequestLog.open(options.log, () => load?.abandon());
  const startedAt = now();
  const tally = new MarkedTally(options.run, startedAt);
  const sender = new Sender(options);
  let answered = false;
  const observer: Observer = {
    tally,
    answered() {
      if (!answered) onAnswer();
      answered = true;
    },
    settled(outcome, latencyMs) {
      tally.settled(outcome, latencyMs);
      log?.write(outcome);
    },
  };
  const running = (load = options.mode === "streams" ? new Streams(options, sender, observer) : new OpenLoop(options, startedAt, sender, observer));

  return {
    stop: () => running.stop(),
    abandon: () => running.abandon(),
    mark: () => tally.mark(now()),
    snapshot: (since) => tally.summary(now(), since),
    summary: running.finished.then(async () => {
      await sender.close();
      await log?.close();
      return tally.summary(now());
    }),
  };
}
