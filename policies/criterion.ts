import type { Expectation } from "../evidence/verify-evidence.js";
import { changeOf, type JudgedChange, type JudgedTransition } from "./change-of.js";
import type { Judged, Rule } from "./rule.js";

/** A rule that is asked only when something new comes, or gets more traffic. */
export interface Criterion extends Omit<Rule, "check"> {
  /** Transitions that it is demanded for, by environment. */
  readonly demanded: Readonly<Record<Judged["environment"], readonly JudgedTransition[]>>;
  /** @returns why not, a sentence each, without naming the service; none when it is allowed */
  readonly judge: (judged: Judged, change: JudgedChange) => readonly string[] | Promise<readonly string[]>;
}

const EVERY: readonly JudgedTransition[] = ["bootstrap", "stage-dark", "raise"];
const TRAFFIC: readonly JudgedTransition[] = ["bootstrap", "raise"];

/** Demanded in both environments, from the first time that a release is there. */
export const ALWAYS: Criterion["demanded"] = { staging: EVERY, production: EVERY };
/** Demanded in production, once users get the release. */
export const BEFORE_USERS: Criterion["demanded"] = { staging: [], production: TRAFFIC };
/** Demanded in production, where there is something to go back to. */
export const BEFORE_RAISE: Criterion["demanded"] = { staging: [], production: ["raise"] };

/** The rule of a criterion. What cannot be understood is refused; what stays, goes back or is given up is always allowed. */
export function criterion({ demanded, judge, ...about }: Criterion): Rule {
  return {
    ...about,
    async check(judged) {
      const change = changeOf(judged.gated);
      const name = `Service "${judged.gated.service}"`;
      if (change.kind === "unclear") return change.reasons.map((reason) => `${name}: "${about.name}" cannot be judged. ${reason}`);
      if (change.kind === "free" || !demanded[judged.environment].includes(change.transition)) return [];
      return (await judge(judged, change)).map((sentence) => `${name}: ${sentence}`);
    },
  };
}

/** What evidence must be about to count for a change: this service's artifact, application and commit. */
export function expectationOf({ gated: { application, service } }: Judged, { spec, goesOn }: JudgedChange, type: string, more: Partial<Pick<Expectation, "environment" | "mission" | "maxAgeMs">> = {}): Expectation {
  return { type, subjects: { [service]: spec.digest }, application, environment: null, commit: spec.commit, configuration: null, ...(goesOn ? { expires: false } : {}), ...more };
}

/** What makes evidence, for whoever has none. @param does such as `runs the tests and signs their result` */
export function madeBy(does: string): string {
  return `./mission deploy ${does}; ./mission evidence add takes that of a CI of one's own.`;
}
