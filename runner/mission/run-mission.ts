import type { Ground } from "./ground.js";
import { inEnvironment } from "./in-environment.js";
import type { MissionParts } from "./mission-parts.js";
import { GateFailed, type MissionOutcome } from "./outcome.js";
import { attemptOf } from "./park.js";
import { proveInStaging } from "./prove-in-staging.js";
import { approved, finish, gates, isFirst, retire, shift, stageDark } from "./shift.js";
import { PLAN_APPROVAL } from "./step-names.js";
import type { Steps } from "./steps.js";

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
    await steps.phase("validate", parts.limits.validate);
    await gates(steps, "validate", "validate/gates", () => parts.validate(steps));
    await steps.phase("plan", parts.limits.plan);
    if (await steps.measure("plan/nothing-to-do", () => parts.nothingToDo())) {
      return { state: "succeeded", reason: "There was nothing to do: this release is live already, in this configuration; nothing was changed." };
    }
    await gates(steps, "plan", "plan/gates", () => parts.plan(steps));
  } catch (error) {
    if (!(error instanceof GateFailed)) throw error;
    return { state: "refused", reason: error.message };
  }
  if (!parts.hotfix) {
    const staged = await inEnvironment(steps, parts, parts.staging, "staging", () => proveInStaging(steps, parts));
    if (staged !== null) return staged.state === "rolled-back" ? { state: "refused", reason: `${staged.reason} Production was not touched.` } : staged;
    if (parts.retires.staging) await retire(steps, parts.staging, "staging");
  }
  // Whoever goes on with a mission that production knows already must not wait: its candidate may have traffic, and its way back may be under way.
  if (parts.approvePlan !== null && steps.recorded("production/before") === undefined) {
    try {
      await approved(steps, "plan", PLAN_APPROVAL, parts.approvePlan);
    } catch (error) {
      if (!(error instanceof GateFailed)) throw error;
      return { state: "refused", reason: `${error.message} Production was not touched.` };
    }
  }
  const produced = await inEnvironment(steps, parts, parts.production, "production", () => promote(steps, parts));
  if (produced !== null) return produced;
  // Only now: whoever asks the mission to stop before everything is proven needs the way back.
  if (parts.retires.production) await retire(steps, parts.production, "production");
  await steps.conclude("monitor/afterwards", async () => (await parts.afterwards()) as never);
  return { state: "succeeded", reason: "Every gate passed." };
}

/** Production: dark, step by step, then watched. */
async function promote(steps: Steps, parts: MissionParts): Promise<void> {
  const ground: Ground = parts.production;
  const first = await isFirst(steps, ground, "production");
  const services = await stageDark(steps, ground, "production", first);
  if (services.length > 0) {
    await shift(steps, ground, "production", services, parts.strategy, parts.approve);
    await finish(steps, ground, "production", services);
  }
  await gates(steps, "production", `production/${attemptOf(steps, "production")}/in-line`, () => ground.inLine());
  await steps.phase("monitor", parts.limits.monitor);
  const name = `monitor/${attemptOf(steps, "production")}`;
  const baseline = steps.recorded(`production/${attemptOf(steps, "production")}/baseline`) ?? null;
  await gates(steps, "monitor", `${name}/watch`, () => ground.watch(parts.monitorMs, baseline));
  await gates(steps, "monitor", `${name}/checks`, () => ground.check("users"));
}
