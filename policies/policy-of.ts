import type { PolicyConfigSchema, ReportViolation, ResourceValidationArgs, ResourceValidationPolicy } from "@pulumi/policy";
import { environmentOf } from "./environment-of.js";
import { ofType } from "./of-type.js";
import type { PackContext } from "./pack-context.js";
import { readInputs, SERVICE_TYPE } from "./read-inputs.js";
import type { Rule, Threshold, Thresholds } from "./rule.js";
import { stackOf } from "./urn.js";

/** Where the page of a policy is, relative to the repository. */
export function pageOf(name: string): string {
  return `docs/policies/${name}.md`;
}

/**
 * A rule as a policy on every `mission:index:BlueGreenService`. It is always mandatory, and it denies whatever it cannot judge: inputs that are unknown or not
 * understood, a context that cannot be opened, anything thrown.
 * @param open gives what rules may look at besides the inputs
 */
export function policyOf(rule: Rule, open: () => PackContext): ResourceValidationPolicy {
  return {
    ...describePolicy(rule),
    ...(rule.thresholds === undefined ? {} : { configSchema: schemaOf(rule.thresholds) }),
    validateResource: ofType(SERVICE_TYPE, async (args, report) => {
      refuse(await refusals(rule, open, args), report);
    }),
  };
}

/** What a policy says of itself, the same for every one of ours. */
export function describePolicy({ name, description, severity, remediation }: Pick<Rule, "name" | "description" | "severity" | "remediation">) {
  return { name, description, enforcementLevel: "mandatory", severity, remediationSteps: remediation, url: pageOf(name) } as const;
}

/** Reports sentences as one violation, a line each: the engine repeats the description for each violation, and does not show remediation steps. */
export function refuse(sentences: readonly string[], report: ReportViolation): void {
  if (sentences.length > 0) report(sentences.join("\n"));
}

/** Sentences of a rule that refuses, with what to do about it. */
export function withRemediation(sentences: readonly string[], { remediation }: Pick<Rule, "remediation">): readonly string[] {
  return sentences.length === 0 ? [] : [...sentences, remediation];
}

async function refusals(rule: Rule, open: () => PackContext, args: ResourceValidationArgs): Promise<readonly string[]> {
  try {
    const read = readInputs(args.props);
    if (!read.ok) return [`Service "${args.name}" cannot be judged: not all of its inputs are understood; policy "inputs-understood" names them.`];
    const context = open();
    const stack = stackOf(args.urn);
    const judged = { gated: read.gated, stack, environment: environmentOf(stack, context.config), context };
    return withRemediation(await rule.check(judged, valuesOf(rule.thresholds ?? {}, args.getConfig())), rule);
  } catch (error) {
    return [`Service "${args.name}" cannot be judged by "${rule.name}": ${error instanceof Error ? error.message : String(error)}`];
  }
}

function schemaOf(thresholds: Readonly<Record<string, Threshold>>): PolicyConfigSchema {
  return { properties: Object.fromEntries(Object.entries(thresholds).map(([name, threshold]) => [name, { type: "number", ...threshold }])) };
}

/** The engine checks the configuration against the schema; what reaches the pack in another way must not make a rule laxer. */
function valuesOf(thresholds: Readonly<Record<string, Threshold>>, config: Readonly<Record<string, unknown>>): Thresholds {
  return Object.fromEntries(
    Object.entries(thresholds).map(([name, threshold]) => {
      const value = config[name] ?? threshold.default;
      if (typeof value !== "number" || !(value >= threshold.minimum && value <= threshold.maximum)) {
        throw new RangeError(`its setting "${name}" is ${JSON.stringify(value)}; allowed is a number from ${threshold.minimum} to ${threshold.maximum}.`);
      }
      return [name, value];
    }),
  );
}
