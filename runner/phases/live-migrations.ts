import type { ReleasedMigrations } from "../migrate/run-migration.js";
import { allMissions, stateOf } from "../mission/find-mission.js";
import type { MissionContext } from "./mission-context.js";
import type { Release } from "../../model/release.js";

/**
 * The migrations of the release that production serves, which the candidate's come after: what a SlotSpec does not say, the mission that brought the
 * release says. Null where nothing is live, or no mission of this store brought it.
 */
export async function liveMigrations({ subject, adapters }: MissionContext): Promise<ReleasedMigrations | null> {
  const observed = await adapters.production.describe();
  const live = Object.values(observed).flatMap(({ live: slot, slots }) => (slot === null ? [] : [slots[slot]?.spec]))[0];
  if (live === undefined) return null;
  for (const { record } of (await allMissions()).toReversed()) {
    if (stateOf(record) !== "succeeded" || record.subject.application.name !== subject.application.name) continue;
    const release = record.lines.find(({ line }) => line.kind === "result" && line.id === "validate/release")?.line["value"] as unknown as Release | undefined;
    if (release === undefined || release.version !== live.version || release.services[live.service]?.digest !== live.digest) continue;
    const { migrations } = release;
    const digest = migrations === null ? undefined : release.services[migrations.service]?.digest;
    return migrations === null || digest === undefined ? null : { version: release.version, migrations, digest };
  }
  return null;
}
