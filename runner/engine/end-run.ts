import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { isEngine, processesWith, signalProcess } from "./processes.js";

/** Milliseconds that an engine gets to stop in its own way, which leaves neither a lock nor a pending operation. */
export const STOP_GRACE_MS = 5_000;

/** Milliseconds between two looks. */
const LOOK_MS = 25;

/** Variable that every process of one run of the engine inherits: it tells them from those of any other run. */
const MARKER = "MISSION_RUN";

/** What marks a run's processes in their environment. Platforms give it to nothing that is to outlive the run. */
export function newRun(): Readonly<Record<string, string>> {
  return { [MARKER]: randomBytes(12).toString("hex") };
}

/**
 * Ends the engine of one run and everything it started (language host, program, plugins), and nothing else. The engine is asked first, by SIGINT;
 * what is left when the grace is over, or when the engine has ended, gets SIGKILL. Where the system does not show processes (not on Linux), it only waits
 * for the engine.
 * @param run what `newRun` gave and the engine got
 * @param ended settles when the run's caller has seen its end
 * @returns when no process of the run is left
 */
export async function endRun(run: Readonly<Record<string, string>>, ended: Promise<unknown>, graceMs = STOP_GRACE_MS): Promise<void> {
  const deadline = performance.now() + graceMs;
  const asked = new Set<number>();
  let over = false;
  const seen = () => void (over = true);
  ended.then(seen, seen);
  for (;;) {
    const left = processesWith(run);
    if (over && left.length === 0) return;
    const atOnce = over || performance.now() >= deadline;
    for (const row of left) {
      if (atOnce) signalProcess(row.pid, "SIGKILL");
      // A second SIGINT would make the engine give up what it is tidying.
      else if (isEngine(row) && !asked.has(row.pid)) asked.add(row.pid) && signalProcess(row.pid, "SIGINT");
    }
    await sleep(LOOK_MS);
  }
}
