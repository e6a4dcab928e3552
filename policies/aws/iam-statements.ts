import { at, listOf, UNKNOWN } from "./known.js";

/** The one permission that has no resource to name: a token for the registry (Amazon ECR, "Actions, resources, and condition keys"). */
const WITHOUT_RESOURCE = "ecr:getauthorizationtoken";

/** What is wrong with a policy document, given as JSON or as an object: too much is allowed, a sentence without its subject each. */
export function tooMuchAllowed(document: unknown): string[] {
  return allowing(document, (statement) => {
    const actions = strings(at(statement, "Action"));
    const resources = strings(at(statement, "Resource"));
    const excused = actions.length > 0 && actions.every((action) => action.toLowerCase() === WITHOUT_RESOURCE);
    return [
      ...actions.filter((action) => /^([^:]+:)?\*+$/.test(action)).map((action) => `allows the action "${action}"; allowed are the actions that are needed, by name.`),
      ...(excused ? [] : resources.filter((resource) => /^(arn:)?[*:]+$/.test(resource))).map((resource) => `allows ${actions.join(", ") || "its actions"} on the resource "${resource}"; allowed are named resources, and "*" for ecr:GetAuthorizationToken only.`),
      ...["NotAction", "NotResource"].filter((key) => at(statement, key) !== undefined).map((key) => `allows everything but what "${key}" names; allowed is what is named.`),
    ];
  });
}

/** What is wrong with a trust policy: anybody may take the role. */
export function anybodyTrusted(document: unknown): string[] {
  return allowing(document, (statement) => {
    const condition = at(statement, "Condition");
    const conditional = condition === UNKNOWN || (condition !== null && typeof condition === "object" && Object.keys(condition).length > 0);
    const principal = at(statement, "Principal");
    const trusted = typeof principal === "string" ? [principal] : strings(at(principal, "AWS"));
    return [
      ...(trusted.includes("*") && !conditional ? ['lets anybody take the role (Principal "*" without a condition); allowed are named principals.'] : []),
      ...(at(statement, "NotPrincipal") === undefined ? [] : ['lets everybody take the role but whom "NotPrincipal" names; allowed are named principals.']),
    ];
  });
}

/** Judges each statement that allows something. */
function allowing(document: unknown, judge: (statement: unknown) => string[]): string[] {
  if (document === UNKNOWN || document === undefined) return [];
  const value = typeof document === "string" ? parsed(document) : document;
  const statements = value === null || typeof value !== "object" ? undefined : listOf(at(value, "Statement"));
  if (statements === undefined) return ["is no policy document in JSON."];
  return statements === UNKNOWN ? [] : statements.flatMap((statement) => (at(statement, "Effect") === "Deny" ? [] : judge(statement)));
}

function strings(value: unknown): string[] {
  const list = listOf(value);
  return list === UNKNOWN ? [] : list.filter((each) => typeof each === "string");
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}
