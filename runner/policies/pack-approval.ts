import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { PackConfig } from "../../policies/pack-config.js";
import { readConfig } from "../../policies/read-config.js";

/**
 * The configuration of a pack that refuses production until somebody has approved the plan (`approval: true` in its pack.yaml), so that a mission can wait for
 * that person instead of being refused. Null where it does not, and where it cannot be read or has a mistake: the pack itself refuses everything then,
 * before production begins.
 */
export function configAskingForApproval(directory: string): PackConfig | null {
  let text: string;
  try {
    text = readFileSync(join(directory, "pack.yaml"), "utf8");
  } catch {
    return null;
  }
  const reading = readConfig(text, "policies/pack.yaml");
  return reading.ok && reading.config.approval ? reading.config : null;
}
