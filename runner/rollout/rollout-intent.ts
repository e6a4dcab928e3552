import { EXIT, UserError } from "../errors.js";
import { finish, restore, retire, setCandidateWeight, type Next } from "../../model/next-rollout.js";
import type { Observed, ObservedService, Rollout } from "../../model/rollout.js";
import { unchanged } from "../../model/rollout.js";
import { transitionOf, type Transition } from "../../model/transition.js";

/** What a person, or a mission, wants of a rollout. */
export type RolloutIntent =
  /** The candidate's weight, 0 to 100; live gets the rest. */
  | { readonly kind: "set"; readonly weight: number }
  /** Live becomes the candidate. */
  | { readonly kind: "finish" }
  /** Back to the slot that was live before. */
  | { readonly kind: "restore" }
  /** The slot that is not live gives up its capacity. */
  | { readonly kind: "retire" };

/** One service's step, for a plan in words. */
export interface RolloutStep {
  readonly service: string;
  readonly transition: Transition;
  readonly before: string;
  readonly after: string;
}

/** The wanted rollout state and its steps. */
export interface RolloutPlan {
  readonly rollout: Rollout;
  readonly steps: readonly RolloutStep[];
}

/**
 * What an intent means for every service of an environment.
 * @throws UserError (refused) with every reason, when any service refuses: all of them go, or none.
 */
export function planRollout(stack: string, observed: Observed, intent: RolloutIntent): RolloutPlan {
  const services = Object.keys(observed).sort();
  if (services.length === 0) throw new UserError(EXIT.refused, `Nothing is deployed in stack "${stack}"; deploy a first release: ./mission release <codebase>, then ./mission pulumi up --stack ${stack}`);
  const refusals: string[] = [];
  const rollout: Record<string, Rollout[string]> = {};
  const steps: RolloutStep[] = [];
  for (const service of services) {
    const now = observed[service];
    if (now === undefined) continue;
    const next = nextOf(service, now, intent);
    if (!next.ok) {
      refusals.push(next.refusal);
      continue;
    }
    const previous = unchanged(now);
    const verdict = transitionOf(previous, next.rollout);
    if (!verdict.ok) {
      refusals.push(...verdict.refusals.map((refusal) => `Service "${service}": ${refusal}`));
      continue;
    }
    rollout[service] = next.rollout;
    steps.push({ service, transition: verdict.transition, before: describe(now, previous), after: describe(now, next.rollout) });
  }
  if (refusals.length > 0) throw new UserError(EXIT.refused, refusals.join("\n"));
  return { rollout, steps };
}

function nextOf(service: string, now: ObservedService, intent: RolloutIntent): Next {
  switch (intent.kind) {
    case "set":
      return setCandidateWeight(service, now, intent.weight);
    case "finish":
      return finish(service, now);
    case "restore":
      return restore(service, now);
    case "retire":
      return retire(service, now);
  }
}

/** `blue 1.0.0 live 90 %, green 1.1.0 10 %`. */
function describe(observed: ObservedService, rollout: Rollout[string] | undefined): string {
  if (rollout === undefined) return "not deployed";
  return (["blue", "green"] as const)
    .flatMap((slot) => {
      const held = rollout.slots[slot];
      if (held === null) return [];
      const version = observed.slots[slot]?.spec.version ?? "?";
      const capacity = held.instances === 0 ? ", retired" : "";
      return [`${slot} ${version}${rollout.live === slot ? " live" : ""} ${rollout.split.of(slot)} %${capacity}`];
    })
    .join(", ");
}
