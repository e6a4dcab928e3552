import { unchangedRollout, type Rollout } from "../../model/rollout.js";
import type { OpenStack } from "../engine/stack.js";
import { runPreview } from "../plan/run-preview.js";
import type { PlatformAdapter } from "../platforms/adapter.js";
import { PackRefusal, type PolicyPack } from "../policies/policy-pack.js";
import { applyRollout } from "./apply-rollout.js";
import { withRunFile } from "./run-file.js";

/** How the engine's state is brought in line with the platform. */
export interface InLine {
  readonly stack: OpenStack;
  readonly adapter: PlatformAdapter;
  /** The pack that judges it; null: there is none. @throws PackRefusal when there ought to be one */
  readonly pack: () => PolicyPack | null;
  /** The services that the stack is configured to have, for what must not be made unjudged; null where nobody knows. */
  readonly configured: readonly string[] | null;
  readonly onOutput: (text: string) => void;
}

/**
 * Brings the engine's state in line with what the platform shows, by an `up` that changes no service: its transitions are all `none`, which need no evidence.
 * Judged by the pack where that works. A pack that cannot be run or has changed does not keep the engine's state from the truth, as long as nothing but that
 * is done: an `up` that would make a service, or change anything but slots and splits (alarms, say), stays refused, and so does what a policy has judged
 * and refuses. See docs/decisions/0011-pack-and-the-way-back.md.
 * @returns why no pack has judged it; null when one did, or when there is none
 * @throws as `applyRollout`
 */
export async function bringInLine({ stack, adapter, pack, configured, onOutput }: InLine): Promise<string | null> {
  const observed = await adapter.describe();
  const rollout = unchangedRollout(observed);
  try {
    await applyRollout(stack, adapter, rollout, { onOutput, pack: pack() });
    return null;
  } catch (error) {
    if (!(error instanceof PackRefusal) || error.objected) throw error;
    if (configured === null || configured.some((service) => rollout[service] === undefined) || (await changesMore(stack, rollout))) throw error;
    await applyRollout(stack, adapter, unchangedRollout(await adapter.describe()), { onOutput });
    return error.message;
  }
}

/** What an `up` that changes no service may write. */
const OF_TRAFFIC = /:(Slot|TrafficSplit)$/;

/** Whether it would change more than what traffic rests on; also where that cannot be found out. */
async function changesMore(stack: OpenStack, rollout: Rollout): Promise<boolean> {
  return withRunFile(stack, { "mission:rollout": rollout }, async (environment, directory) => {
    const { counts, changes } = await runPreview({ stack: stack.name, exists: true, environment, directory, pack: null });
    return counts === null || changes.some(({ type }) => !OF_TRAFFIC.test(type));
  });
}
