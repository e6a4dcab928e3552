import { canonicalJson } from "../../model/digest.js";
import type { Gates } from "../../model/gates.js";
import { unchanged, type Observed, type Rollout } from "../../model/rollout.js";
import { transitionOf } from "../../model/transition.js";
import { EXIT, UserError } from "../errors.js";
import { searchState } from "../engine/search-state.js";
import { readState, trafficLeaves } from "../engine/state.js";
import type { OpenStack } from "../engine/stack.js";
import { update, type UpdateResult } from "../engine/update.js";
import type { PlatformAdapter } from "../platforms/adapter.js";
import { runPreview } from "../plan/run-preview.js";
import { PackRefusal, readyPack, type PolicyPack } from "../policies/policy-pack.js";
import { mandatory, objections, policyRefusals } from "../policies/policy-refusals.js";
import { withRunFile } from "./run-file.js";

/** An `up` was stopped on request. Nothing of it runs any more; what it had done stays, and the next `up` starts from what the platform then shows. */
export class UpStopped extends UserError {
  constructor(stack: string) {
    super(EXIT.interrupted, `The update of stack "${stack}" was stopped; nothing of it runs any more.`);
    this.name = "UpStopped";
  }
}

/** How an `up` is run. */
export interface UpRun {
  /** Gets the engine's own words as they come. */
  readonly onOutput?: (text: string) => void;
  /** Stops the `up`; the promise settles when nothing of it runs any more. */
  readonly signal?: AbortSignal | undefined;
  /** What the change rests on, for this run only; undefined: what the kept file says. */
  readonly gates?: Gates | undefined;
  /** Judges the `up`; null or absent: nobody does. */
  readonly pack?: PolicyPack | null;
}

/**
 * Brings a stack to a wanted rollout state: through `up`, with the state in a configuration file of this run only, so that nothing tracked
 * or kept changes. Then reads back: an `up` that says it succeeded proves nothing.
 * @throws UserError (failed) when the engine fails, the platform does not show what was wanted, or the state holds a secret in plain text; UpStopped;
 *   PackRefusal when the pack is absent, changed, silent, or refuses: `refused` when the platform shows what it showed before, else `failed`
 */
export async function applyRollout(stack: OpenStack, adapter: PlatformAdapter, rollout: Rollout, how: UpRun = {}): Promise<void> {
  await withRunFile(stack, { "mission:rollout": rollout, "mission:gates": how.gates }, async (environment, directory) => {
    const { pack } = how;
    if (pack != null && Object.keys(rollout).length > 1 && raises(await adapter.describe(), rollout)) await askFirst(stack, environment, directory, pack);
    const look = adapter.capabilities.engineRemembersTraffic ? trafficLeaves(await readState(stack)).map(({ urn }) => urn) : [];
    await run(stack, adapter, environment, (observed) => differences(observed, rollout), how, look);
  });
}

/**
 * A bare `up`: traffic stays as it is, and what the configuration makes new goes dark into the free slots. Then reads back.
 * @param missing what the platform does not show, a sentence each, although the engine reports success
 * @throws UserError (failed, locked), UpStopped, PackRefusal as `applyRollout`
 */
export async function keepUp(stack: OpenStack, adapter: PlatformAdapter, missing: (observed: Observed) => readonly string[], how: UpRun = {}): Promise<void> {
  await withRunFile(stack, { "mission:gates": how.gates }, (environment) => run(stack, adapter, environment, missing, how));
}

async function run(
  stack: OpenStack,
  adapter: PlatformAdapter,
  environment: Readonly<Record<string, string>>,
  missing: (observed: Observed) => readonly string[],
  { onOutput = () => undefined, signal, pack = null }: UpRun,
  look: readonly string[] = [],
): Promise<void> {
  if (pack !== null) readyPack(pack);
  const before = pack === null ? null : await adapter.describe();
  const result = await update(stack.name, environment, onOutput, signal, pack?.directory ?? null, look);
  if (result.stopped) throw new UpStopped(stack.name);
  const locked = result.errors.find((error) => error.includes("currently locked by"));
  if (locked !== undefined) {
    const owner = /created by .*/.exec(locked)?.[0] ?? "created by an engine that is running";
    throw new UserError(EXIT.locked, `Stack "${stack.name}" is being changed by another run (lock ${owner.trim()}); this one changed nothing. Look again when the other has ended: ./mission rollout show ${stack.name}`);
  }
  const observed = await adapter.describe();
  refuseUnjudged(stack, result, before, observed);
  if (!result.ok) {
    throw new UserError(EXIT.failed, [`The update of stack "${stack.name}" failed; ${inWords(observed)}`, ...result.errors].join("\n"));
  }
  const lacks = missing(observed);
  if (lacks.length > 0) {
    throw new UserError(EXIT.failed, [`The engine reports success, but the platform of stack "${stack.name}" does not show it:`, ...lacks].join("\n"));
  }
  await searchState(stack.name, stack.environment);
}

/** An `up` is judged service by service, and the first may have moved when the last is refused; so where there are several, all are judged before any moves. */
async function askFirst({ name }: OpenStack, environment: Readonly<Record<string, string>>, directory: string, pack: PolicyPack): Promise<void> {
  readyPack(pack);
  const { policies } = await runPreview({ stack: name, exists: true, environment, directory, pack });
  const refusals = policies?.report == null ? [] : objections(policies.report);
  if (refusals.length > 0) throw new PackRefusal(EXIT.refused, [...refusals, `Nothing of stack "${name}" was changed.`].join("\n"), policies?.report != null && mandatory(policies.report).length > 0);
}

/** Whether a candidate gets more traffic. */
function raises(observed: Observed, rollout: Rollout): boolean {
  return Object.entries(rollout).some(([service, wanted]) => {
    const now = observed[service] && unchanged(observed[service]);
    const verdict = now === undefined ? undefined : transitionOf(now, wanted);
    return verdict?.ok === true && verdict.transition === "raise";
  });
}

/** @throws PackRefusal with every objection of the pack, and what serves now */
function refuseUnjudged({ name }: OpenStack, { ok, policies }: UpdateResult, before: Observed | null, observed: Observed): void {
  if (policies === null) return;
  // A run that was cut short may not have come to what would have been judged.
  const refusals = ok ? policyRefusals(policies) : objections(policies);
  if (refusals.length === 0) return;
  const same = before !== null && traffic(before) === traffic(observed);
  throw new PackRefusal(same ? EXIT.refused : EXIT.failed, [...refusals, ok ? `The engine has changed stack "${name}" all the same; ${inWords(observed)}` : `Stack "${name}": ${inWords(observed)}`].join("\n"), mandatory(policies).length > 0);
}

/** What users get, to compare. */
function traffic(observed: Observed): string {
  return canonicalJson(Object.fromEntries(Object.entries(observed).map(([service, { live, split }]) => [service, live === null || split === null ? null : { live, weight: split.of(live) }])));
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
