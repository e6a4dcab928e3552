import { existsSync } from "node:fs";
import { join } from "node:path";
import { EXIT, UserError } from "../errors.js";
import { projectRoot } from "../engine/engine-environment.js";
import { PACK_FILE, packDigest, packEntry } from "./pack-digest.js";

/** Why a change was not judged and allowed by the policy pack. A person reads its message; code tells it from other failures of an `up`. */
export class PackRefusal extends UserError {
  /** @param objected whether a policy has judged and refuses, and not merely nobody could judge */
  constructor(
    exitCode: typeof EXIT.refused | typeof EXIT.failed,
    message: string,
    readonly objected = false,
  ) {
    super(exitCode, message);
    this.name = "PackRefusal";
  }
}

/** A pack that a run of the engine is judged by. */
export interface PolicyPack {
  readonly directory: string;
  /** The digest that it must have: what the plan was judged by. Null by hand, where a person has named the folder just now. */
  readonly pinned: string | null;
}

/** Settings of the engine's own that would put another pack, or another strictness, into a run. */
const OVERRULING = ["PULUMI_OPTION_POLICY_PACK", "PULUMI_OPTION_POLICY_PACK_CONFIG"];

/** Where this project's pack is. There is no way to name another one for a mission: whoever deploys must not choose what judges them. */
export function packDirectory(): string {
  return join(projectRoot(), "policies");
}

/** Whether there is a pack in a folder, built or not. */
export function hasPack(directory: string): boolean {
  return existsSync(join(directory, PACK_FILE));
}

/**
 * Looks whether a pack can be run and is the one that was pinned.
 * @returns its digest
 * @throws PackRefusal (refused) when it is absent, not built, overruled by the environment, or another one than the pinned
 */
export function readyPack({ directory, pinned }: PolicyPack): string {
  if (!hasPack(directory)) throw refused(`There is no policy pack in "${directory}": its ${PACK_FILE} is missing. Without a pack nothing is deployed; restore that folder.`);
  const entry = packEntry(directory);
  if (!existsSync(entry)) throw refused(`The policy pack in "${directory}" is not built: "${entry}" is missing. Build it with: npm run build`);
  const overruled = OVERRULING.filter((name) => (process.env[name] ?? "") !== "");
  if (overruled.length > 0) throw refused(`The environment sets ${overruled.join(" and ")}, which would overrule the policy pack; unset it.`);
  const digest = digestOf(directory);
  if (pinned !== null && digest !== pinned) throw refused(`The policy pack has changed since the plan was made: the plan pins ${pinned}, "${directory}" now holds ${digest}. Restore the pack, or begin the mission anew so that it is planned by the new one.`);
  return digest;
}

/** An editor's file that goes while it is read, or one that may not be read, is a pack that nobody can name. */
function digestOf(directory: string): string {
  try {
    return packDigest(directory);
  } catch (error) {
    throw refused(`The policy pack in "${directory}" cannot be read (${error instanceof Error ? error.message : String(error)}), so it is not known whether it is the one that the plan pins; make it readable.`);
  }
}

function refused(message: string): PackRefusal {
  return new PackRefusal(EXIT.refused, message);
}
