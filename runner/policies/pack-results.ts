import { comesLater, type Beforehand } from "./later-evidence.js";
import { mandatory } from "./policy-refusals.js";
import type { PolicyReport } from "./policy-report.js";

/** What the policy pack said when the engine previewed both stacks. */
export interface PackResults {
  /** How many policies ran. */
  readonly ran: number;
  readonly refusals: readonly PackRefused[];
  /** Why a policy, or the pack, could not run or has not judged; a sentence each. */
  readonly cannotRun: readonly string[];
}

/** One refusal of a policy. */
export interface PackRefused {
  readonly policy: string;
  /** `service "web"`, or what else it is about. */
  readonly about: string;
  readonly stack: string;
  readonly message: string;
  /** Whether it rests on evidence that the mission makes later, so that the policy judges again then. */
  readonly later: boolean;
}

/** What a preview of one stack says of its policies, as far as it is told here. */
export interface PoliciesOfPreview {
  readonly stack: string;
  /** Why the preview failed by itself; what nobody came to judge says nothing then. */
  readonly errors: readonly string[];
  /** Absent when nobody asked for the pack. */
  readonly policies?: {
    /** Why the pack could not be run, one sentence; null when it was. */
    readonly problem: string | null;
    readonly report: PolicyReport | null;
  };
}

/** The results of both stacks together; null when nobody asked the pack about either. Silence about one of them is no result. */
export function packResults(previews: { readonly staging: PoliciesOfPreview; readonly production: PoliciesOfPreview }, beforehand: Beforehand): PackResults | null {
  const both = [["staging", previews.staging], ["production", previews.production]] as const;
  if (both.every(([, { policies }]) => policies === undefined)) return null;
  return {
    ran: new Set(both.flatMap(([, { policies }]) => policies?.report?.ran ?? [])).size,
    refusals: both.flatMap(([environment, { stack, policies }]) =>
      (policies?.report == null ? [] : mandatory(policies.report)).map(({ policy, about, message }) => ({ policy, about, stack, message, later: comesLater(policy, environment, beforehand) })),
    ),
    cannotRun: both.flatMap(([, { stack, policies, errors }]) => {
      if (policies === undefined) return [`Nobody asked the pack about stack "${stack}".`];
      const { problem, report } = policies;
      if (report === null) return [`Stack "${stack}": ${problem ?? "no policy pack has judged it."}`];
      const silent = errors.length > 0 ? [] : report.ran.length === 0 ? ["no policy of the pack ran: it is empty, or every policy in it is disabled."] : report.unjudged.map((service) => `no policy has judged service "${service}".`);
      return [...report.cannotRun, ...silent].map((sentence) => `Stack "${stack}": ${sentence}`);
    }),
  };
}
