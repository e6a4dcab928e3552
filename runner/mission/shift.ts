import { ABSENT, type Observed } from "../../model/rollout.js";
import { otherSlot } from "../../model/slot.js";
import type { ShiftStep } from "../../model/strategy.js";
import { allPass, type GateResult } from "../../model/verdict.js";
import { PackRefusal } from "../policies/policy-pack.js";
import type { Json } from "./journal-port.js";
import type { Ground, View } from "./ground.js";
import type { MissionParts } from "./mission-parts.js";
import { GateFailed } from "./outcome.js";
import { attemptOf } from "./park.js";
import { approvalNote } from "./step-names.js";
import type { Steps } from "./steps.js";

/** Runs gates as one recorded measurement. @throws GateFailed unless there is at least one and all pass */
export async function gates(steps: Steps, phase: string, id: string, work: () => Promise<readonly GateResult[]>): Promise<void> {
  const results = (await steps.measure(id, async () => (await work()) as unknown as Json)) as unknown as readonly GateResult[];
  if (!allPass(results)) throw new GateFailed(phase, results);
}

/** Whether an environment serves nothing yet: a first deployment has no candidate, so nothing can be shifted. */
export async function isFirst(steps: Steps, ground: Ground, phase: string): Promise<boolean> {
  return steps.measure(`${phase}/first`, async () => Object.values(await ground.describe()).every(({ live }) => live === null));
}

/**
 * Dark deployment with its checks: the database first, because the release needs what its migrations add and the release before does not mind; then
 * on the candidate's route, or on the users' where it is the first ever.
 * @returns the services that have a candidate now; none where the release is live already
 */
export async function stageDark(steps: Steps, ground: Ground, phase: string, first: boolean): Promise<readonly string[]> {
  await steps.effect(`${phase}/migrate`, ground.stack, () => ground.migrate());
  await steps.effect(`${phase}/stage`, ground.stack, async () => {
    await ground.stage();
    return null;
  });
  await ground.startProbing();
  const services = await steps.measure(`${phase}/candidates`, () => ground.candidates());
  const view: View = first || services.length === 0 ? "users" : "candidate";
  await gates(steps, phase, `${phase}/stage/checks`, () => ground.check(view));
  return services;
}

/**
 * The shift: weight, bake, gate; then the next step. An attempt that was parked starts again from the first step, under new names.
 * @param approve asked before every step but the first; null: nobody is asked
 * @throws GateFailed at the first gate that does not pass; the caller takes traffic back
 */
export async function shift(steps: Steps, ground: Ground, phase: string, services: readonly string[], plan: readonly ShiftStep[], approve: MissionParts["approve"] = null): Promise<void> {
  let reached = 0;
  const baseline = await steps.measure(`${phase}/${attemptOf(steps, phase)}/baseline`, () => ground.baseline());
  for (const step of plan) {
    const name = `${phase}/${attemptOf(steps, phase)}/weight-${step.weight}`;
    if (reached > 0 && approve !== null) await approved(steps, phase, approvalNote({ phase, attempt: attemptOf(steps, phase), weight: step.weight }), () => approve(step));
    await gates(steps, phase, `${name}/permit`, () => ground.permit(reached === 0 ? "first" : "later"));
    const from = reached;
    await steps.effect(name, { from, weight: step.weight }, async () => {
      const observed = await ground.describe();
      refuseDrift(phase, observed, services, [from, step.weight]);
      refuseOthersRelease(phase, observed, services, await ground.candidates());
      await ground.apply({ kind: "set", weight: step.weight }, services);
      return null;
    });
    await gates(steps, phase, `${name}/bake`, () => ground.watch(step.bakeMs, baseline));
    await gates(steps, phase, `${name}/checks`, () => ground.check("users"));
    reached = step.weight;
  }
}

/** Waits for a person. That it waits is recorded once, because people are told of it and `mission status` shows it. */
export async function approved(steps: Steps, phase: string, name: string, ask: () => Promise<readonly GateResult[]>): Promise<void> {
  if (steps.recorded(name) === undefined && steps.count(name) === 0) await steps.note(name);
  await gates(steps, phase, name, ask);
}

/** Live becomes the candidate; no weight moves. */
export async function finish(steps: Steps, ground: Ground, phase: string, services: readonly string[]): Promise<void> {
  await steps.effect(`${phase}/${attemptOf(steps, phase)}/finish`, ground.stack, async () => {
    await ground.apply({ kind: "finish" }, services);
    return null;
  });
}

/** The slots that were live before the mission's shift give up their capacity; from here on nothing goes back in seconds. */
export async function retire(steps: Steps, ground: Ground, phase: string): Promise<void> {
  const services = (steps.recorded(`${phase}/candidates`) ?? []) as readonly string[];
  if (services.length === 0) return;
  try {
    await steps.effect(`${phase}/retire`, ground.stack, async () => {
      await ground.apply({ kind: "retire" }, services);
      return null;
    });
  } catch (error) {
    // Somebody wants to go back just now, or the policy pack is not the plan's any more: the old slots stay warm.
    if (!(error instanceof GateFailed) && !(error instanceof PackRefusal)) throw error;
  }
}

/** Somebody else has moved traffic since the last step: whatever the reason was, going on would overrule it. */
function refuseDrift(phase: string, observed: Observed, services: readonly string[], allowed: readonly number[]): void {
  const moved = services.flatMap((service) => {
    const { live, split } = observed[service] ?? ABSENT;
    if (live === null || split === null) return [`service "${service}" is not live any more`];
    const weight = split.of(otherSlot(live));
    return allowed.includes(weight) ? [] : [`service "${service}" gives the candidate ${weight} %, the mission had given it ${allowed[0] ?? 0} %`];
  });
  if (moved.length === 0) return;
  throw new GateFailed(phase, [{ gate: "nobody-else-moved-traffic", verdict: "FAIL", summary: `Somebody else has moved traffic: ${moved.join("; ")}.`, details: moved, measured: {} }]);
}

/** What gets more traffic must be what was tested: somebody may have put another release, or another configuration, into the free slot since. */
function refuseOthersRelease(phase: string, observed: Observed, services: readonly string[], candidates: readonly string[]): void {
  const changed = services.filter((service) => !candidates.includes(service)).map((service) => {
    const { live, slots } = observed[service] ?? ABSENT;
    const held = live === null ? null : slots[otherSlot(live)];
    return `service "${service}": its free slot holds ${held === null ? "nothing" : `${held.spec.version} with ${held.ready} of ${held.instances} instances ready`}`;
  });
  if (changed.length === 0) return;
  throw new GateFailed(phase, [{ gate: "candidate-unchanged", verdict: "FAIL", summary: `The free slot no longer holds the mission's release, ready: ${changed.join("; ")}.`, details: changed, measured: {} }]);
}
