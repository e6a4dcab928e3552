import { EXIT, UserError } from "../errors.js";
import type { Ground } from "./ground.js";
import type { MissionParts } from "./mission-parts.js";
import { GateFailed, type MissionOutcome } from "./outcome.js";
import { completeParking, parkedNote } from "./park.js";
import { engineBehind, liveSpecs, NotTakenBack, rollBack, type LiveSpecs } from "./roll-back.js";
import { Interrupted, type Steps } from "./steps.js";

/**
 * Does a phase's work in an environment, with an open-loop client looking on from outside; whatever stops it, traffic goes back to what was live
 * before. Null when the work was done.
 */
export async function inEnvironment(steps: Steps, parts: MissionParts, ground: Ground, phase: "staging" | "production", work: () => Promise<void>): Promise<MissionOutcome | null> {
  await steps.phase(phase, parts.limits[phase]);
  const before: LiveSpecs = await steps.conclude(`${phase}/before`, async () => liveSpecs(await ground.describe()));
  await steps.conclude(`${phase}/configured`, () => ground.configured());
  const stuck = await parkedForGood(steps, ground, phase, before);
  const run = () => workOrGoBack(steps, parts, ground, phase, before, stuck === null ? work : () => Promise.reject(stuck));
  // Where an earlier run came to the end of the phase and said what it saw, there is nothing to look on at; a line more for each run would say nothing.
  if (steps.recorded(`${phase}/decided`) !== undefined && steps.count(`${phase}/probed`) > 0) return run();
  await ground.startProbing();
  return run().finally(() => noteProbed(steps, ground, phase));
}

/**
 * Completes what an earlier run that was stopped has left. Where that cannot be done, a mission that goes on goes back for good, so that it comes to its
 * end: there may be nothing to return to any more.
 * @returns why not; null when it is done
 * @throws NotTakenBack when the mission is asked to stop once more
 */
async function parkedForGood(steps: Steps, ground: Ground, phase: string, before: LiveSpecs): Promise<NotTakenBack | null> {
  try {
    await completeParking(steps, ground, phase, before);
    return null;
  } catch (error) {
    if (!(error instanceof NotTakenBack) || steps.stopping) throw error;
    return error;
  }
}

async function workOrGoBack(steps: Steps, parts: MissionParts, ground: Ground, phase: "staging" | "production", before: LiveSpecs, work: () => Promise<void>): Promise<MissionOutcome | null> {
  try {
    // A decision to go back is one recorded measurement, so that a mission that is killed while going back goes on going back.
    const decided = await steps.conclude<string | null>(`${phase}/decided`, async () => {
      try {
        await work();
        return null;
      } catch (error) {
        // Somebody else's engine or mission is at work there: to decide anything now would be to overrule it, or to be overruled.
        if (error instanceof Interrupted || isLocked(error)) throw error;
        const asked = error instanceof GateFailed ? null : steps.cutShort();
        if (asked !== null) return asked;
        return error instanceof Error ? error.message : String(error);
      }
    });
    if (decided === null) return null;
    return await goBack(steps, parts, ground, phase, before, decided);
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    await park(steps, ground, phase, before);
    throw error;
  }
}

/** What the client saw in this run is for the record; a client that has died must not hide how the phase ended. */
async function noteProbed(steps: Steps, ground: Ground, phase: string): Promise<void> {
  const seen = await ground.stopProbing().catch(() => null);
  if (seen !== null) await steps.note(`${phase}/probed`, seen);
}

async function goBack(steps: Steps, parts: MissionParts, ground: Ground, phase: "staging" | "production", before: LiveSpecs, reason: string): Promise<MissionOutcome> {
  const failure = (await nothingBefore(steps, ground, phase, before)) ?? (await rollBack(steps, ground, `${phase}/roll-back`, before, "for-good", steps.recorded(`${phase}/configured`) ?? null));
  if (failure !== null) {
    if (phase === "staging" && Object.keys(before).length === 0) return { state: "rolled-back", reason: `${reason} ${failure.join(" ")}` };
    await steps.wayBack(`${phase}/freeze`, ground.stack, async () => {
      await parts.freeze(ground.stack, failure.join(" "));
      return null;
    });
    return { state: "failed-safe", reason: `${reason} Going back failed: ${failure.join(" ")} Stack "${ground.stack}" is frozen until a person acts.` };
  }
  // A hold is about users: a bad release in staging is followed by a better one without ceremony.
  if (phase === "production") {
    await steps.wayBack(`${phase}/hold`, ground.stack, async () => {
      await parts.hold(ground.stack, reason);
      return null;
    });
  }
  const behind = engineBehind(steps, `${phase}/roll-back`);
  return { state: "rolled-back", reason: behind === null ? reason : `${reason} Traffic is back; ${behind}` };
}

/** A first deployment that is bad has nothing to go back to: that is said, not called a rollback. */
async function nothingBefore(steps: Steps, ground: Ground, phase: string, before: LiveSpecs): Promise<readonly string[] | null> {
  if (Object.keys(before).length > 0) return null;
  return steps.conclude<readonly string[] | null>(`${phase}/nothing-before`, async () => {
    const serving = Object.keys(liveSpecs(await ground.describe()));
    return serving.length === 0 ? null : serving.map((service) => `Service "${service}" had no release before, so there is nothing to return to.`);
  });
}

/** Somebody stops the mission while its candidate has traffic: that goes back, because nobody watches it from here on. */
async function park(steps: Steps, ground: Ground, phase: string, before: LiveSpecs): Promise<void> {
  // Noted first: a mission that is killed in the middle of this must not take what it did before for done.
  await steps.note(parkedNote(phase));
  await completeParking(steps, ground, phase, before);
}

function isLocked(error: unknown): boolean {
  return error instanceof UserError && error.exitCode === EXIT.locked;
}
