import { DOWNTIME_LIMIT_MS, ROLLBACK_LIMIT_MS } from "../../model/promises.js";
import type { GateResult } from "../../model/verdict.js";
import type { Ground, Probed } from "./ground.js";
import type { MissionParts } from "./mission-parts.js";
import { attemptOf } from "./park.js";
import { finish, gates, isFirst, shift, stageDark } from "./shift.js";
import type { Steps } from "./steps.js";

/** Staging: the release dark, under all traffic, and from the second release on the rollback drill. */
export async function proveInStaging(steps: Steps, parts: MissionParts): Promise<void> {
  const ground = parts.staging;
  const first = await isFirst(steps, ground, "staging");
  const services = await stageDark(steps, ground, "staging", first);
  let drilled: GateResult | null = null;
  if (services.length === 0) {
    // A first deployment, or a release that staging serves already: nothing to shift, but production needs to know how it does.
    await gates(steps, "staging", `staging/${attemptOf(steps, "staging")}/live/bake`, () => ground.watch(parts.stagingBakeMs, null));
  } else {
    await shift(steps, ground, "staging", services, [{ weight: 100, bakeMs: parts.stagingBakeMs }]);
    drilled = await drill(steps, ground, services);
    await finish(steps, ground, "staging", services);
  }
  await gates(steps, "staging", `staging/${attemptOf(steps, "staging")}/in-line`, () => ground.inLine());
  await gates(steps, "staging", `staging/${attemptOf(steps, "staging")}/verified`, () => parts.provedInStaging(drilled));
}

/** Back and forward again, as it would be in production: how long a rollback takes is known before production needs one. */
async function drill(steps: Steps, ground: Ground, services: readonly string[]): Promise<GateResult> {
  const name = `staging/${attemptOf(steps, "staging")}/drill`;
  await ground.markProbed();
  // The time is counted from an intent of an earlier run, if there is one: too long rather than too short.
  const begun = (steps.openIntent(`${name}/back`) as { at?: number } | undefined)?.at ?? Date.now();
  const { milliseconds: back } = await steps.effect(`${name}/back`, { weight: 0, at: begun }, async () => {
    const refusals = await ground.takeBack({ kind: "set", weight: 0 }, services);
    if (refusals.length > 0) throw new Error(`The rollback drill failed: ${refusals.join(" ")}`);
    return { milliseconds: Date.now() - begun };
  });
  const unjudged = await steps.effect(`${name}/reconcile`, ground.stack, () => ground.reconcile(null));
  // In staging nobody waits for the engine's record: what no pack has judged goes no further.
  if (unjudged !== null) throw new Error(`The engine's state of stack "${ground.stack}" was brought in line without the policy pack: ${unjudged}`);
  const { milliseconds: forward } = await steps.effect(`${name}/forward`, { weight: 100 }, async () => {
    const started = performance.now();
    await ground.apply({ kind: "set", weight: 100 }, services);
    return { milliseconds: Math.round(performance.now() - started) };
  });
  const seen = await steps.measure(`${name}/probed`, () => ground.probed("mark"));
  const result = judgeDrill(back, forward, seen);
  await gates(steps, "staging", `${name}/checks`, async () => [...(await ground.check("users")), result]);
  return result;
}

function judgeDrill(backMs: number, forwardMs: number, seen: Probed | null): GateResult {
  const gap = seen?.longestGapMs ?? null;
  const ok = backMs <= ROLLBACK_LIMIT_MS && (gap === null || gap <= DOWNTIME_LIMIT_MS) && (seen === null || seen.failed === 0);
  const client = seen === null ? "no client looked on" : `${seen.failed} of ${seen.sent} requests failed meanwhile, the longest time without an answer was ${Math.round(seen.longestGapMs)} ms`;
  return {
    gate: "rollback-drill",
    verdict: ok ? "PASS" : "FAIL",
    summary: `Going back took ${backMs} ms (allowed are ${ROLLBACK_LIMIT_MS / 60_000} min), forward again through the engine ${forwardMs} ms; ${client}.`,
    details: [],
    measured: { backMs, forwardMs, requests: seen?.sent ?? null, failed: seen?.failed ?? null, longestGapMs: gap },
  };
}
