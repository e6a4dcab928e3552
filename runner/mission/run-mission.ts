import type { ShiftStep } from "../../model/strategy.js";
import type { GateResult } from "../../model/verdict.js";
import type { Ground } from "./ground.js";
import { GateFailed, type MissionOutcome } from "./outcome.js";
import { liveSpecs, rollBack, type LiveSpecs } from "./roll-back.js";
import { attemptOf, completeParking, parkedNote } from "./park.js";
import { gates, isFirst, shift, stageDark } from "./shift.js";
import { Interrupted, type Steps } from "./steps.js";

/** What a mission is made of. Everything it does outside itself goes through these. */
export interface MissionParts {
  /** Gates of the codebase: tests, artifacts, configuration, migrations, checklist. */
  validate(): Promise<readonly GateResult[]>;
  /** Gates of the plan: window, rollback target, monitoring. Judged once, before the first raise. */
  plan(): Promise<readonly GateResult[]>;
  readonly staging: Ground;
  readonly production: Ground;
  readonly strategy: readonly ShiftStep[];
  /** How long users are watched after 100 %, in milliseconds. */
  readonly monitorMs: number;
  /** After a rollback: no automatic promotion until a person releases it. */
  hold(stack: string, reason: string): Promise<void>;
  /** Traffic is not back for certain: nothing moves until a person acts. */
  freeze(stack: string, reason: string): Promise<void>;
  /** Between two steps of production, where a person is to approve. @throws GateFailed when the approval is refused or times out */
  approve(step: ShiftStep): Promise<void>;
}

/** Staging shows the release itself, not the strategy: all at once, then back and forward again. */
const STAGING_BAKE_MS = 5_000;

/**
 * Runs a mission to its end, or on from where an earlier run with the same journal was killed.
 * @returns the terminal state, which is recorded
 * @throws Interrupted at a safe point: nothing unproven has traffic, and the same mission can be run again
 */
export async function runMission(steps: Steps, parts: MissionParts): Promise<MissionOutcome> {
  const outcome = await phases(steps, parts);
  await steps.end(outcome.state, outcome.reason);
  return outcome;
}

async function phases(steps: Steps, parts: MissionParts): Promise<MissionOutcome> {
  try {
    await steps.phase("validate");
    await gates(steps, "validate", "validate/gates", () => parts.validate());
    await steps.phase("plan");
    await gates(steps, "plan", "plan/gates", () => parts.plan());
  } catch (error) {
    if (!(error instanceof GateFailed)) throw error;
    return { state: "refused", reason: error.message };
  }
  const staged = await inEnvironment(steps, parts, parts.staging, "staging", () => prove(steps, parts.staging));
  if (staged !== null) return staged.state === "rolled-back" ? { state: "refused", reason: `${staged.reason} Production was not touched.` } : staged;
  const produced = await inEnvironment(steps, parts, parts.production, "production", () => promote(steps, parts));
  return produced ?? { state: "succeeded", reason: "Every gate passed." };
}

/** Staging: the release dark, under all traffic, and the rollback drill. */
async function prove(steps: Steps, ground: Ground): Promise<void> {
  const first = await isFirst(steps, ground, "staging");
  const services = await stageDark(steps, ground, "staging", first);
  if (services.length === 0) return gates(steps, "staging", "staging/live/bake", () => ground.watch(STAGING_BAKE_MS, null));
  await shift(steps, ground, "staging", services, [{ weight: 100, bakeMs: STAGING_BAKE_MS }]);
  await drill(steps, ground, services);
  await finish(steps, ground, "staging", services);
}

/** Back and forward again: how long a rollback takes is known before production needs one. */
async function drill(steps: Steps, ground: Ground, services: readonly string[]): Promise<void> {
  const attempt = attemptOf(steps, "staging");
  for (const [name, weight] of [["back", 0], ["forward", 100]] as const) {
    await steps.effect(`staging/${attempt}/drill/${name}`, { weight }, async () => {
      const started = performance.now();
      await ground.apply({ kind: "set", weight }, services);
      return { milliseconds: Math.round(performance.now() - started) };
    });
  }
  await gates(steps, "staging", `staging/${attempt}/drill/checks`, () => ground.check("users"));
}

/** Production: dark, step by step, then watched. */
async function promote(steps: Steps, parts: MissionParts): Promise<void> {
  const { production: ground } = parts;
  const first = await isFirst(steps, ground, "production");
  const services = await stageDark(steps, ground, "production", first);
  if (services.length > 0) {
    await shift(steps, ground, "production", services, parts.strategy, (step) => parts.approve(step));
    await finish(steps, ground, "production", services);
  }
  await steps.phase("monitor");
  await gates(steps, "monitor", `monitor/${attemptOf(steps, "production")}/watch`, () => ground.watch(parts.monitorMs, null));
}

async function finish(steps: Steps, ground: Ground, phase: string, services: readonly string[]): Promise<void> {
  await steps.effect(`${phase}/${attemptOf(steps, phase)}/finish`, ground.stack, async () => {
    await ground.apply({ kind: "finish" }, services);
    return null;
  });
}

/** Does a phase's work; whatever stops it, traffic goes back to what was live before. Null when the work was done. */
async function inEnvironment(steps: Steps, parts: MissionParts, ground: Ground, phase: string, work: () => Promise<void>): Promise<MissionOutcome | null> {
  await steps.phase(phase);
  const before: LiveSpecs = await steps.measure(`${phase}/before`, async () => liveSpecs(await ground.describe()));
  await completeParking(steps, ground, phase, before);
  try {
    // A decision to go back is one recorded measurement, so that a mission that is killed while going back goes on going back.
    const decided = await steps.measure<string | null>(`${phase}/decided`, async () => {
      try {
        await work();
        return null;
      } catch (error) {
        if (error instanceof Interrupted) throw error;
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

async function goBack(steps: Steps, parts: MissionParts, ground: Ground, phase: string, before: LiveSpecs, reason: string): Promise<MissionOutcome> {
  const failure = (await nothingBefore(steps, ground, phase, before)) ?? (await rollBack(steps, ground, `${phase}/roll-back`, before, "for-good"));
  if (failure !== null) {
    if (phase === "staging" && Object.keys(before).length === 0) return { state: "rolled-back", reason: `${reason} ${failure.join(" ")}` };
    await steps.wayBack(`${phase}/freeze`, ground.stack, async () => {
      await parts.freeze(ground.stack, failure.join(" "));
      return null;
    });
    return { state: "failed-safe", reason: `${reason} Going back failed: ${failure.join(" ")} Stack "${ground.stack}" is frozen until a person acts.` };
  }
  await steps.wayBack(`${phase}/hold`, ground.stack, async () => {
    await parts.hold(ground.stack, reason);
    return null;
  });
  return { state: "rolled-back", reason };
}

/** A first deployment that is bad has nothing to go back to: that is said, not called a rollback. */
async function nothingBefore(steps: Steps, ground: Ground, phase: string, before: LiveSpecs): Promise<readonly string[] | null> {
  if (Object.keys(before).length > 0) return null;
  return steps.measure<readonly string[] | null>(`${phase}/nothing-before`, async () => {
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
