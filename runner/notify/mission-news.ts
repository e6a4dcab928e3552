import type { GateResult } from "../../model/verdict.js";
import type { JournalLine } from "../mission/journal-port.js";
import { PLAN_APPROVAL, phaseOf, weightStepOf } from "../mission/step-names.js";
import type { EnvironmentName, MissionSubject } from "../mission/subject.js";
import { COMMANDS } from "../report/commands.js";

/** What people are told of. */
export type MissionEvent = "started" | "staging-passed" | "step-reached" | "waiting-for-approval" | "stopped" | "going-back" | "succeeded" | "rolled-back" | "refused" | "failed-safe";

/** One piece of news. */
export interface MissionNews {
  readonly event: MissionEvent;
  /** Whose targets are told. */
  readonly environments: readonly EnvironmentName[];
  /** One or a few sentences for people. */
  readonly text: string;
}

/** What a mission's texts need of it. */
export type NewsSubject = Pick<MissionSubject, "id" | "application" | "version" | "by" | "hotfix">;

const BOTH: readonly EnvironmentName[] = ["staging", "production"];

/**
 * What one line of a journal is to people; null when it is no news.
 * @param failed the gates that did not pass, of the last step that had such
 */
export function newsOf(line: JournalLine, subject: NewsSubject, failed: readonly GateResult[] = []): MissionNews | null {
  const say = (event: MissionEvent, environments: readonly EnvironmentName[], text: string): MissionNews => ({ event, environments, text: `Mission ${subject.id}: ${text}` });
  const what = `${subject.application.name} ${subject.version}`;
  switch (line.kind) {
    case "start":
      return say("started", BOTH, subject.hotfix === null ? `started by ${subject.by}. ${what} goes to staging, then to production.` : `hotfix started by ${subject.by}. ${what} goes to production without staging: ${subject.hotfix.reason}`);
    case "note":
      return noted(line, subject, say);
    case "result":
      return resulted(line, what, say);
    case "terminal":
      return ended(line, what, failed, say);
    default:
      return null;
  }
}

type Say = (event: MissionEvent, environments: readonly EnvironmentName[], text: string) => MissionNews;

function noted({ id }: JournalLine, subject: NewsSubject, say: Say): MissionNews | null {
  const step = weightStepOf(id);
  const before = id === PLAN_APPROVAL ? "production begins" : step?.part === "approval" ? `its candidate gets ${step.weight} %` : null;
  if (before !== null) return say("waiting-for-approval", ["production"], `waits for a person before ${before}. To go on: ${COMMANDS.approve(subject.id)}   To go back: ${COMMANDS.rollBack(subject.id)}`);
  const environment = environmentOf(id);
  if (environment === null || !id.endsWith("/parked")) return null;
  return say("stopped", [environment], `was stopped in ${environment}; its candidate gives back its traffic. To go on: ${COMMANDS.resume(subject.id)}`);
}

function resulted({ id, value }: JournalLine, what: string, say: Say): MissionNews | null {
  if (id === "staging/decided" && value === null) return say("staging-passed", BOTH, `staging passed for ${what}; production is next.`);
  if (id === "production/decided" && typeof value === "string") return say("going-back", ["production"], `production goes back to what served before ${what}. ${value}`);
  const step = weightStepOf(id);
  if (step === null || step.part !== null || step.phase !== "production") return null;
  return say("step-reached", ["production"], `${what} has ${step.weight} % of production's traffic.`);
}

function ended({ id, reason }: JournalLine, what: string, failed: readonly GateResult[], say: Say): MissionNews | null {
  const why = `${typeof reason === "string" ? reason : "No reason is recorded."}${numbers(String(reason), failed)}`;
  switch (id) {
    case "succeeded":
      return say("succeeded", BOTH, `succeeded: ${what} is live in production. ${why}`);
    case "rolled-back":
      return say("rolled-back", BOTH, `rolled back: what served before ${what} serves again. ${why}`);
    case "refused":
      return say("refused", BOTH, `refused: ${what} did not go to users. ${why}`);
    case "failed-safe":
      return say("failed-safe", BOTH, `A PERSON IS NEEDED: ${what} could not be taken back for certain, and nothing moves until somebody acts. ${why}`);
    default:
      return null;
  }
}

/** The numbers of the gates that a reason names. */
function numbers(reason: string, failed: readonly GateResult[]): string {
  const deciding = failed.filter(({ gate }) => reason.includes(`"${gate}"`));
  const pairs = deciding.flatMap(({ measured }) => Object.entries(measured).flatMap(([name, value]) => (value === null ? [] : [`${name} ${shown(value)}`])));
  return pairs.length === 0 ? "" : ` Measured: ${pairs.join(", ")}.`;
}

function shown(value: number | string | boolean): string {
  return typeof value === "number" ? String(Number(value.toPrecision(4))) : String(value);
}

function environmentOf(id: string): EnvironmentName | null {
  const phase = phaseOf(id);
  return phase === "staging" || phase === "production" ? phase : null;
}
