import { setTimeout as sleep } from "node:timers/promises";
import { EXIT, UserError } from "../errors.js";
import { stacksOf, type FoundMission } from "../mission/find-mission.js";
import { bothLeases, holdLeases, type HeldLeases } from "../mission/hold-leases.js";
import { Requests } from "../mission/requests.js";
import type { MissionSubject } from "../mission/subject.js";
import type { MissionStore } from "../store/mission-store.js";
import { who } from "../who.js";

/** How long a mission that is told to make room may take to bring its traffic back, milliseconds: the promise on rollbacks, and the engine's part. */
const MAKE_ROOM_MS = 10 * 60_000;

/** A mission that has not ended, as far as beginning another one needs to know it. */
export interface InTheWay {
  readonly folder: Pick<FoundMission["folder"], "id" | "path">;
  readonly record: Pick<FoundMission["record"], "lines" | "subject">;
}

/** How to get the environments of a new mission. */
export interface Beginning<M extends InTheWay = FoundMission> {
  readonly store: MissionStore;
  readonly subject: MissionSubject;
  /** Whether missions that stand in the way are brought back first. */
  readonly supersede: boolean;
  readonly say: (line: string) => void;
  /** Goes on with a mission that was cut off, with these leases; it has been asked to go back. */
  readonly bringBack: (mission: M, leases: HeldLeases) => Promise<void>;
  /** Missions that have not ended on any of some stacks. */
  readonly unfinished: (stacks: readonly string[]) => Promise<readonly M[]>;
  /** Lets some time pass until the environments are asked for again. Default: half a second. */
  readonly wait?: () => Promise<void>;
}

/**
 * Takes the environments for a new mission. One that runs there, or was cut off there, is not pre-empted: that is refused, saying what to do; with
 * `supersede` it is brought back to what was live before it, by its own rules.
 * @throws UserError (locked) while a mission runs there, (refused) when one was cut off there
 */
export async function beginMission<M extends InTheWay>(beginning: Beginning<M>): Promise<HeldLeases> {
  const { subject, supersede, say, bringBack, unfinished } = beginning;
  const stacks = stacksOf({ subject });
  const leases = await takeEnvironments(beginning, stacks);
  try {
    // With the leases in hand nobody else works on those any more.
    for (const mission of await unfinished(stacks)) {
      if (!supersede) throw new UserError(EXIT.refused, cutOff(mission));
      await askToMakeRoom(mission, subject);
      say(`Mission "${mission.folder.id}", which was cut off, is brought back first.`);
      // It goes back in all of its environments, of which a hotfix has only one.
      const further = await holdLeases(beginning.store, stacksOf(mission.record).filter((stack) => !stacks.includes(stack)), subject.id);
      try {
        await bringBack(mission, bothLeases(leases, further));
      } finally {
        await further.release();
      }
    }
    // One that was stopped instead of brought back is still in the way.
    for (const mission of await unfinished(stacks)) throw new UserError(EXIT.refused, cutOff(mission));
    if (supersede) await endOwnHolds(beginning.store, subject);
    return leases;
  } catch (error) {
    await leases.release();
    throw error;
  }
}

async function takeEnvironments<M extends InTheWay>({ store, subject, supersede, say, unfinished, wait = () => sleep(500) }: Beginning<M>, stacks: readonly string[]): Promise<HeldLeases> {
  const deadline = performance.now() + MAKE_ROOM_MS;
  for (let asked = false; ; asked = true) {
    try {
      return await holdLeases(store, stacks, subject.id);
    } catch (error) {
      if (!supersede || !(error instanceof UserError) || error.exitCode !== EXIT.locked || performance.now() > deadline) throw error;
      if (!asked) {
        for (const mission of await unfinished(stacks)) {
          await askToMakeRoom(mission, subject);
          say(`Mission "${mission.folder.id}" runs there; it is asked to go back, and waited for.`);
        }
      }
      await wait();
    }
  }
}

/** The hold that making room has left would refuse the very mission that room was made for; whoever superseded has decided that one. Any other stays. */
async function endOwnHolds(store: MissionStore, subject: MissionSubject): Promise<void> {
  for (const stack of stacksOf({ subject })) {
    const { hold } = await store.standing(stack);
    if (hold?.reason.includes(roomFor(subject)) !== true) continue;
    await store.clear(stack, "hold", { reason: `what stood in the way went back because ${roomFor(subject)}`, by: who(), at: new Date().toISOString() });
  }
}

function roomFor({ application, version, id }: MissionSubject): string {
  return `it is superseded by ${application.name} ${version} (mission ${id}).`;
}

function askToMakeRoom({ folder }: InTheWay, subject: MissionSubject): Promise<void> {
  return new Requests(folder.path("requests")).askRollBack({ by: who(), reason: roomFor(subject), at: new Date().toISOString() });
}

function cutOff({ folder, record }: InTheWay): string {
  const last = record.lines.at(-1);
  return `Mission "${folder.id}" was cut off on these environments at ${last?.at ?? "an unknown time"} and has not ended. Go on with it: ./mission resume ${folder.id}. Bring it back: ./mission rollback ${folder.id}. Or bring it back and begin this one: --supersede.`;
}
