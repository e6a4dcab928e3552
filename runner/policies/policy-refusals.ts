import type { PolicyReport, Violation } from "./policy-report.js";

/** What refuses a run of the engine, a sentence each: policies that object, and policies that could not judge. */
export function objections(report: PolicyReport): string[] {
  return [...report.cannotRun, ...mandatory(report).map(violationInWords)];
}

/**
 * Why a run that went through does not count as judged and allowed, a sentence each; none when it does. Silence is a refusal as well: nothing is allowed that
 * nobody has looked at.
 */
export function policyRefusals(report: PolicyReport): string[] {
  const said = objections(report);
  if (said.length > 0) return said;
  if (report.ran.length === 0) return ["No policy of the pack ran: it is empty, or every policy in it is disabled, so nothing has judged this change."];
  return report.unjudged.map((service) => `No policy of the pack has judged service "${service}".`);
}

/** What refuses, among the violations. */
export function mandatory({ violations }: PolicyReport): Violation[] {
  return violations.filter(({ enforcement }) => enforcement !== "advisory" && enforcement !== "warning");
}

/** Which policy objects to what, and in its own words why and what to do: the engine hands over no remediation steps, so a pack's messages end with them. */
export function violationInWords({ policy, about, message }: Violation): string {
  return `Policy "${policy}" refuses ${about}: ${message}`;
}
