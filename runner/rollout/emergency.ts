import type { Observed } from "../../model/rollout.js";
import type { UserError } from "../errors.js";
import type { PlatformAdapter } from "../platforms/adapter.js";
import { hasPack, packDirectory } from "../policies/policy-pack.js";
import { bringBack, type LiveSpecs, type WayBack } from "./bring-back.js";
import { reconcile } from "./reconcile.js";
import { takeTrafficBack } from "./take-traffic-back.js";

/** An `up` of this process that runs, and how it is stopped. */
export interface RunningUp {
  readonly controller: AbortController;
  /** Settles when nothing of it runs any more, as the promise of `applyRollout` and `keepUp` does. */
  readonly ended: Promise<unknown>;
}

/** What is to go back, and where. */
export interface EmergencyRequest {
  readonly stack: string;
  readonly adapter: PlatformAdapter;
  /** What was live before: from a mission's record, or `returnPoint` where there is none. */
  readonly before: LiveSpecs;
  readonly running?: RunningUp;
  /** Gets a sentence for each thing that is done. */
  readonly say: (line: string) => void;
}

/** How it ended. */
export interface EmergencyResult {
  /** Why traffic is not back for certain, a sentence each; none when the platform confirms that it is. */
  readonly notBack: readonly string[];
  /** What the platform shows now. */
  readonly observed: Observed;
  /** What kept the engine from bringing its state in line; traffic stays where it is nevertheless, and the next `up` that works does it. */
  readonly engine: UserError | null;
}

/**
 * Takes users off a bad release. Traffic first, by the platform's own interface, because an engine that runs may take long to die; then that engine is stopped,
 * and dead for certain; then traffic is read back and moved again until it stays, because the engine may have written in between; then `up`,
 * so that the engine's state says the same.
 */
export async function emergency({ stack, adapter, before, running, say }: EmergencyRequest): Promise<EmergencyResult> {
  const place: WayBack = { describe: () => adapter.describe(), takeBack: (intent, services) => takeTrafficBack(stack, adapter, intent, services) };
  const first = await bringBack(place, before);
  if (first.length === 0) say(`Traffic has moved, and the platform of stack "${stack}" confirms it.`);
  if (running !== undefined) {
    running.controller.abort();
    await running.ended.catch(() => undefined);
    say(`The update of stack "${stack}" that ran is stopped.`);
  }
  const notBack = running === undefined ? first : await bringBack(place, before);
  if (notBack.length > 0) return { notBack, observed: await adapter.describe(), engine: null };
  const engine = await reconcile(stack, adapter, say, hasPack(packDirectory()) ? { directory: packDirectory(), pinned: null } : null);
  // Between the first look and the engine's record somebody else may have written once more.
  return { notBack: await bringBack(place, before), observed: await adapter.describe(), engine };
}
