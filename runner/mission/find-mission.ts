import { EXIT, UserError } from "../errors.js";
import { MissionFolder, missionIds } from "../store/mission-folder.js";
import type { MissionRecord } from "./mission-record.js";

/** A mission with its folder. */
export interface FoundMission {
  readonly folder: MissionFolder;
  readonly record: MissionRecord;
}

/** How a mission ended; null while it has not. */
export function stateOf({ lines }: MissionRecord): string | null {
  const last = lines.at(-1)?.line;
  return last?.kind === "terminal" ? last.id : null;
}

/** The stacks that a mission changes. */
export function stacksOf({ subject }: Pick<MissionRecord, "subject">): readonly string[] {
  return subject.hotfix === null ? [subject.staging.stack, subject.production.stack] : [subject.production.stack];
}

/** Every mission, oldest first. @throws BrokenJournal for one that is not what was written */
export async function allMissions(): Promise<readonly FoundMission[]> {
  const folders = await Promise.all((await missionIds()).map((id) => MissionFolder.open(id)));
  return Promise.all(folders.map(async (folder) => ({ folder, record: await folder.record() })));
}

/** Missions that have not ended, on any of some stacks, or on all. */
export async function unfinishedMissions(stacks?: readonly string[]): Promise<readonly FoundMission[]> {
  return (await allMissions()).filter(({ record }) => stateOf(record) === null && (stacks === undefined || stacksOf(record).some((stack) => stacks.includes(stack))));
}

/**
 * The mission that a person means: by its id; by a stack or an application, the one on it that has not ended; by nothing, the only one that has not.
 * @throws UserError (usage) when that is none or not one
 */
export async function findUnfinished(what: string | undefined): Promise<FoundMission> {
  const all = await allMissions();
  const named = all.find(({ folder }) => folder.id === what);
  if (named !== undefined) {
    const state = stateOf(named.record);
    if (state !== null) throw new UserError(EXIT.refused, `Mission "${named.folder.id}" has ended already: ${state}. Nothing was done.`);
    return named;
  }
  const open = all.filter(({ record }) => stateOf(record) === null && (what === undefined || stacksOf(record).includes(what) || record.subject.application.name === what));
  const [only] = open;
  if (only !== undefined && open.length === 1) return only;
  const about = what === undefined ? "" : ` of "${what}"`;
  if (only === undefined) throw new UserError(EXIT.usage, `There is no mission${about} that has not ended; ./mission history lists all.`);
  throw new UserError(EXIT.usage, `There are ${open.length} missions${about} that have not ended; name one: ${open.map(({ folder }) => folder.id).join(", ")}.`);
}
