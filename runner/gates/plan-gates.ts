import type { GateResult } from "../../model/verdict.js";
import { decide, planDigest } from "../plan/decided-plan.js";
import { ENVIRONMENTS, type PlanInputs } from "../plan/plan-inputs.js";
import { monitoringConfigured } from "./monitoring-configured.js";
import { noFreeze } from "./no-freeze.js";
import { policiesJudged } from "./policies-judged.js";
import { previewSucceeded } from "./preview-succeeded.js";
import { rollbackTargetRecorded } from "./rollback-target-recorded.js";
import { strategyPlanned } from "./strategy-planned.js";
import { transitionPossible } from "./transition-possible.js";
import { windowOpen } from "./window-open.js";

/** The gates of phase "plan". A hotfix waives the window, and nothing else here. */
export function planGates(inputs: PlanInputs): readonly GateResult[] {
  const { subject, observed, standing, now, preview, gates = [] } = inputs;
  const { release, production, hotfix } = subject;
  const decided = decide(inputs);
  return [
    ...(hotfix === null ? [windowOpen(production.settings.window, now)] : []),
    noFreeze(ENVIRONMENTS.map((environment) => ({ stack: subject[environment].stack, standing: standing[environment] }))),
    transitionPossible(decided.environments.map(({ stack, refusals }) => ({ stack, refusals }))),
    monitoringConfigured(ENVIRONMENTS.map((environment) => subject[environment]), release),
    strategyPlanned({ name: decided.strategy.name, steps: decided.strategy.steps }, { platform: production.settings.platform, grainMs: inputs.capabilities.production.metricsGrainMs }, planDigest(decided)),
    rollbackTargetRecorded(production.stack, Object.keys(release.services).sort(), observed.production),
    ...(preview === undefined ? [] : [previewSucceeded([preview.staging, preview.production]), policiesJudged(preview, { validated: gates.length > 0, hotfix: hotfix !== null })]),
  ];
}
