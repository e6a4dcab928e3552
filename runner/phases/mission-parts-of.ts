import { parseDuration } from "../../model/duration.js";
import { timingOf } from "../../model/timing.js";
import type { GateResult } from "../../model/verdict.js";
import type { EvidenceDesk } from "../evidence/record-evidence.js";
import type { Ground } from "../mission/ground.js";
import type { MissionParts } from "../mission/mission-parts.js";
import type { EnvironmentName } from "../mission/subject.js";
import { planAsked, stepAsked, waitForApproval, type Asked } from "../mission/wait-for-approval.js";
import { configAskingForApproval } from "../policies/pack-approval.js";
import { packDirectory } from "../policies/policy-pack.js";
import { afterwards } from "./afterwards.js";
import { environmentGround } from "./environment-ground.js";
import type { MissionContext } from "./mission-context.js";
import { nothingToDo, plan } from "./plan.js";
import { provedInStaging } from "./proved-in-staging.js";
import { stagingBakeMs, timeLimits } from "./time-limits.js";
import { validate } from "./validate.js";

/** The parts of a mission on real stacks. */
export function missionPartsOf(context: MissionContext, evidence: EvidenceDesk): MissionParts {
  const { subject, store } = context;
  const grounds = new Map<EnvironmentName, Ground>();
  const ground = (environment: EnvironmentName): Ground => {
    const known = grounds.get(environment) ?? environmentGround(context, environment);
    grounds.set(environment, known);
    return known;
  };
  const keepsWarmLongerThan = (environment: EnvironmentName, watchedMs: number) => parseDuration(subject[environment].settings.keepWarm) > watchedMs;
  const monitorMs = timingOf(subject.production.settings).monitorMs;
  const statement = (reason: string) => ({ reason: `mission ${subject.id}: ${reason}`, by: subject.by, at: new Date().toISOString() });

  return {
    validate: () => validate(context, evidence),
    plan: () => plan(context, evidence),
    nothingToDo: () => nothingToDo(context),
    get staging() {
      return ground("staging");
    },
    get production() {
      return ground("production");
    },
    hotfix: subject.hotfix !== null,
    strategy: subject.strategy.steps,
    stagingBakeMs: stagingBakeMs(subject),
    monitorMs,
    limits: timeLimits(subject),

    retires: { staging: !keepsWarmLongerThan("staging", stagingBakeMs(subject)), production: !keepsWarmLongerThan("production", monitorMs) },
    provedInStaging: (drill: GateResult | null) => provedInStaging(context, evidence, drill),
    afterwards: () => afterwards(context),
    hold: (stack, reason) => store.set(stack, "hold", statement(reason)),
    freeze: (stack, reason) => store.set(stack, "freeze", statement(reason)),
    approvePlan: configAskingForApproval(packDirectory()) !== null ? () => approval(context, planAsked(context.requests)) : null,
    approve: subject.pause ? ({ weight }) => approval(context, stepAsked(context.requests, weight)) : null,
  };
}

/** Says to the person at the terminal that the mission waits, and waits. */
function approval({ subject, requests, control, steps, say }: MissionContext, asked: Asked): Promise<readonly GateResult[]> {
  return waitForApproval({
    requests,
    asked,
    timeoutMs: parseDuration(subject.production.settings.approvalTimeout),
    rollBack: control.rollBack,
    stop: control.stop,
    guard: () => steps.stillOurs(),
    onWait: (sentence) => say(`  ${sentence} Say yes: ./mission approve ${subject.id}${asked.weight === null ? " --plan" : ""}   Say no: ./mission rollback ${subject.id}`),
  });
}
