import { writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { seed } from "./seed.js";

/** What a file of `assertOrWrite` holds. */
export interface Repro<Ts> {
  readonly seed: number;
  /** Where the shrunk case is in the tree of that seed, for `fc.assert`'s `path`. */
  readonly path: string | null;
  /** The smallest values that fail. */
  readonly counterexample: Ts;
  readonly error: string;
}

/**
 * Like `fc.assert`, and writes the shrunk case as JSON into the system's folder for temporary files.
 * @throws Error that names the file
 */
export async function assertOrWrite<Ts extends [unknown, ...unknown[]]>(name: string, property: fc.IAsyncProperty<Ts>, parameters: fc.Parameters<Ts>): Promise<void> {
  const run = await fc.check(property, parameters);
  if (!run.failed) return;
  const error = run.errorInstance instanceof Error ? (run.errorInstance.stack ?? run.errorInstance.message) : String(run.errorInstance);
  const file = join(tmpdir(), `${name}-${run.seed}.json`);
  const repro: Repro<Ts | null> = { seed: run.seed, path: run.counterexamplePath, counterexample: run.counterexample, error };
  writeFileSync(file, `${JSON.stringify(repro, null, 2)}\n`);
  throw new Error(`Failed after ${run.numRuns} cases and ${run.numShrinks} times smaller (MISSION_SEED=${seed}); the smallest case is in ${file}: ${JSON.stringify(run.counterexample)}\n${error}`);
}
