import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { readConfig } from "../../policies/read-config.js";

/**
 * Whether a pack refuses production until somebody has approved the plan: `approval: true` in its pack.yaml. A mission asks, so that it waits for the person
 * instead of being refused. A configuration with a mistake says no; the pack itself refuses everything then, before production begins.
 */
export function asksForApproval(directory: string): boolean {
  const file = join(directory, "pack.yaml");
  if (!existsSync(file)) return false;
  const reading = readConfig(readFileSync(file, "utf8"), "policies/pack.yaml");
  return reading.ok && reading.config.approval;
}
