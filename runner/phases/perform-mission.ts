import type { FileJournal } from "../journal/file-journal.js";
import { killPoint } from "../journal/kill-point.js";
import { ObservedJournal, type LineObserver } from "../journal/observed-journal.js";
import { watchControl, type Control } from "../mission/control.js";
import type { HeldLeases } from "../mission/hold-leases.js";
import type { MissionJournal } from "../mission/journal-port.js";
import type { MissionParts } from "../mission/mission-parts.js";
import type { MissionOutcome } from "../mission/outcome.js";
import { liveSpecs } from "../mission/roll-back.js";
import { runMission } from "../mission/run-mission.js";
import { Requests } from "../mission/requests.js";
import { Interrupted, Steps } from "../mission/steps.js";
import type { MissionFolder } from "../store/mission-folder.js";
import { StaleLease } from "../store/mission-store.js";

/** What a mission needs to be performed in this process. */
export interface Performance {
  readonly folder: Pick<MissionFolder, "path" | "saveHead">;
  readonly journal: MissionJournal & Pick<FileJournal, "head" | "close">;
  readonly leases: HeldLeases;
  /** Hear of each line once it is on disk. */
  readonly observers: readonly LineObserver[];
  /** Makes the mission's parts; they ask `steps` for what is recorded. */
  readonly parts: (steps: Steps, control: Control) => MissionParts;
  readonly say: (line: string) => void;
}

/** How it went: the mission's end, or that it was stopped at a safe point and can go on. */
export type Performed = { readonly kind: "ended"; readonly outcome: MissionOutcome } | { readonly kind: "stopped" };

/**
 * Performs a mission to its end or to where somebody stops it. An error that is no gate's verdict ends this process's part of it; whatever the candidate
 * has by then is taken back first, because nobody watches it from here on. The mission itself stays open and can be resumed.
 */
export async function performMission({ folder, journal, leases, observers, parts: make, say }: Performance): Promise<Performed> {
  const control = watchControl(new Requests(folder.path("requests")), (name) => say(`${name}: the mission comes to a safe point and stops; once more ends it where it is.`));
  const acknowledge = async () => {
    const head = journal.head();
    if (head !== null) await folder.saveHead(head);
  };
  const steps = new Steps(new ObservedJournal(killPoint(journal), acknowledge, observers), () => leases.guard(), () => control.asked());
  const parts = make(steps, control);
  try {
    return { kind: "ended", outcome: await runMission(steps, parts) };
  } catch (error) {
    if (error instanceof Interrupted) return { kind: "stopped" };
    if (!(error instanceof StaleLease)) await takeBackUnwatched(steps, parts, leases, say);
    throw error;
  } finally {
    control.close();
    await journal.close();
  }
}

/** Without the journal, which may be what failed: only down, only by the platform's own interface, and only while the environments are ours. */
async function takeBackUnwatched(steps: Steps, parts: MissionParts, leases: HeldLeases, say: (line: string) => void): Promise<void> {
  for (const phase of ["production", "staging"] as const) {
    const before = steps.recorded(`${phase}/before`) as Readonly<Record<string, string>> | undefined;
    if (before === undefined) continue;
    try {
      await leases.guard();
      const ground = parts[phase];
      const observed = await ground.describe();
      const now = liveSpecs(observed);
      const split = Object.keys(before).filter((service) => now[service] === before[service] && observed[service]?.live != null && observed[service].split?.of(observed[service].live) !== 100);
      if (split.length === 0) continue;
      const refusals = await ground.takeBack({ kind: "set", weight: 0 }, split);
      say(refusals.length === 0 ? `The candidate's traffic in "${ground.stack}" was taken back.` : `The candidate's traffic in "${ground.stack}" could not be taken back: ${refusals.join(" ")}`);
    } catch (error) {
      say(`The candidate's traffic of phase "${phase}" could not be taken back: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}
