import type { Gates } from "../../model/gates.js";
import { unchanged, type Observed, type Rollout } from "../../model/rollout.js";
import { EXIT, UserError } from "../errors.js";
import { searchState } from "../engine/search-state.js";
import type { OpenStack } from "../engine/stack.js";
import { update } from "../engine/update.js";
import type { PlatformAdapter } from "../platforms/adapter.js";
import { withRunFile } from "./run-file.js";

/** An `up` was stopped on request. Nothing of it runs any more; what it had done stays, and the next `up` starts from what the platform then shows. */
export class UpStopped extends UserError {
  constructor(stack: string) {
    super(EXIT.interrupted, `The update of stack "${stack}" was stopped; nothing of it runs any more.`);
    this.name = "UpStopped";
  }
}

/**
 * Brings a stack to a wanted rollout state: through `up`, with the state in a configuration file of this run only, so that nothing tracked
 * or kept changes. Then reads back: an `up` that says it succeeded proves nothing.
 * @param signal stops the `up`; the promise settles when nothing of it runs any more
 * @param gates what the change rests on, for this run only; default: what the kept file says
 * @throws UserError (failed) when the engine fails, the platform does not show what was wanted, or the state holds a secret in plain text; UpStopped
 */
export async function applyRollout(stack: OpenStack, adapter: PlatformAdapter, rollout: Rollout, onOutput: (text: string) => void, signal?: AbortSignal, gates?: Gates): Promise<void> {
  await withRunFile(stack, { "mission:rollout": rollout, "mission:gates": gates }, (environment) => run(stack, adapter, environment, (observed) => differences(observed, rollout), onOutput, signal));
}

/**
 * A bare `up`: traffic stays as it is, and what the configuration makes new goes dark into the free slots. Then reads back.
 * @param missing what the platform does not show, a sentence each, although the engine reports success
 * @param signal as in `applyRollout`
 * @param gates as in `applyRollout`
 * @throws UserError (failed, locked), UpStopped as `applyRollout`
 */
export async function keepUp(stack: OpenStack, adapter: PlatformAdapter, missing: (observed: Observed) => readonly string[], onOutput: (text: string) => void, signal?: AbortSignal, gates?: Gates): Promise<void> {
  await withRunFile(stack, { "mission:gates": gates }, (environment) => run(stack, adapter, environment, missing, onOutput, signal));
}

async function run(
  stack: OpenStack,
  adapter: PlatformAdapter,
  environment: Readonly<Record<string, string>>,
  missing: (observed: Observed) => readonly string[],
  onOutput: (text: string) => void,
  signal: AbortSignal | undefined,
): Promise<void> {
  const result = await update(stack.name, environment, onOutput, signal);
  if (result.stopped) throw new UpStopped(stack.name);
  const locked = result.errors.find((error) => error.includes("currently locked by"));
  if (locked !== undefined) {
    const owner = /created by .*/.exec(locked)?.[0] ?? "created by an engine that is running";
    throw new UserError(EXIT.locked, `Stack "${stack.name}" is being changed by another run (lock ${owner.trim()}); this one changed nothing. Look again when the other has ended: ./mission rollout show ${stack.name}`);
  }
  const observed = await adapter.describe();
  if (!result.ok) {
    throw new UserError(EXIT.failed, [`The update of stack "${stack.name}" failed; ${inWords(observed)}`, ...result.errors].join("\n"));
  }
  const lacks = missing(observed);
  if (lacks.length > 0) {
    throw new UserError(EXIT.failed, [`The engine reports success, but the platform of stack "${stack.name}" does not show it:`, ...lacks].join("\n"));
  }
  await searchState(stack.name, stack.environment);
}

/** In what a platform differs from a wanted rollout state, a sentence each; none when it shows just that. */
export function differences(observed: Observed, rollout: Rollout): string[] {
  return Object.entries(rollout).flatMap(([service, wanted]) => {
    const now = observed[service] && unchanged(observed[service]);
    if (now === undefined) return [`Service "${service}" is not there.`];
    const wrong: string[] = [];
    if (now.live !== wanted.live) wrong.push(`Service "${service}": live is ${now.live}, wanted was ${wanted.live}.`);
    if (!now.split.equals(wanted.split)) wrong.push(`Service "${service}": traffic is ${now.split.describe(now.live)}, wanted was ${wanted.split.describe(wanted.live)}.`);
    for (const slot of ["blue", "green"] as const) {
      if (now.slots[slot]?.spec !== wanted.slots[slot]?.spec || now.slots[slot]?.instances !== wanted.slots[slot]?.instances) wrong.push(`Service "${service}": slot "${slot}" does not hold what was wanted.`);
    }
    return wrong;
  });
}

/** What serves now, for a failure's first sentence. */
function inWords(observed: Observed): string {
  const serving = Object.entries(observed).map(([service, now]) => {
    if (now.live === null || now.split === null) return `service "${service}" has no traffic yet`;
    return `service "${service}" is served by ${now.split.describe(now.live)}`;
  });
  return serving.length === 0 ? "nothing is deployed." : `${serving.join("; ")}.`;
}
