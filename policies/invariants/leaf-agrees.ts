import type { ResourceValidationArgs, ResourceValidationPolicy } from "@pulumi/policy";
import { canonicalJson } from "../../model/digest.js";
import { awsDifferences } from "../aws/aws-differences.js";
import { leafOf, type LeafRole } from "../leaf-types.js";
import { resourcePolicy } from "../resource-policy.js";
import type { GatedInputs } from "../gated-inputs.js";
import { readInputs, SERVICE_TYPE } from "../read-inputs.js";
import { ServiceFamily } from "../service-family.js";
import { stackOf } from "../urn.js";
import { alarmAgrees, type Difference, slotAgrees, splitAgrees } from "./leaf-differences.js";

/** Inputs of leaves that say what is served, and by what share. */
const JUDGED = ["sandbox", "environment", "service", "slot", "spec", "instances", "base", "live", "split", "returnTo", "metric", "threshold", "windowMs", "targets"];

/** Only the inputs of services are judged by the other rules, so what is really deployed must be what those say. */
export function leafAgrees(): ResourceValidationPolicy {
  const family = new ServiceFamily();
  return resourcePolicy(
    {
      name: "leaf-agrees",
      description: "What really runs a service and shares its traffic is what the service's judged inputs say, once for each slot and service.",
      severity: "critical",
      remediation: "Declare it through the BlueGreenService component, which makes both from one plan.",
    },
    (args) => {
      family.remember(args);
      if (args.type === SERVICE_TYPE) return onlyOne(family, args);
      const leaf = leafOf(args.type);
      if (leaf === undefined || leaf.role === "database") return [];
      const above = family.above(args.urn);
      // Without a service it is for traffic-has-a-service to refuse; an alarm by itself does no harm.
      if (!above.found) return [];
      const found = leaf.platform === "aws" ? awsDifferences(family, args, leaf.role, above) : differences(family, args, leaf, above.gated);
      return found.map((difference) => `"${args.name}" (${args.type}) of service "${above.gated.service}": ${difference}`);
    },
  );
}

function onlyOne(family: ServiceFamily, { props, urn }: ResourceValidationArgs): string[] {
  const read = readInputs(props);
  const other = read.ok ? family.take(`service ${read.gated.service}`, urn) : undefined;
  return other === undefined || !read.ok ? [] : [`Service "${read.gated.service}" is declared twice; the other one is ${other}.`];
}

function differences(family: ServiceFamily, args: ResourceValidationArgs, { platform, role }: { platform: string; role: LeafRole }, gated: GatedInputs): string[] {
  // Unknown values throw here, which denies; values of secrets are not looked at.
  const props = JSON.parse(JSON.stringify(Object.fromEntries(JUDGED.map((name) => [name, args.props[name] as unknown])))) as Readonly<Record<string, unknown>>;
  const stack = stackOf(args.urn);
  const found = [
    ...wrong("its platform", platform, gated.platform),
    ...wrong("its sandbox", props["sandbox"], stack),
    ...wrong("its service", props["service"], gated.service),
    ...(role === "slot" ? slotAgrees(props, gated) : role === "split" ? splitAgrees(props, gated) : alarmAgrees(props, gated)),
  ];
  const other = family.take(canonicalJson([role, gated.service, props["slot"] ?? null, props["metric"] ?? null]), args.urn);
  const twice = other === undefined ? [] : [`it is declared twice; the other one is ${other}.`];
  return [...(isAsRecorded(found, args, props, gated) ? [] : found.map(({ sentence }) => sentence)), ...twice];
}

function wrong(what: string, is: unknown, wanted: unknown): Difference[] {
  return is === wanted ? [] : [{ field: "fixed", sentence: `${what} is ${JSON.stringify(is)}, the service's is ${JSON.stringify(wanted)}.` }];
}

/**
 * A resource that ignores changes shows what the state recorded when it was last written, and nothing is written now. Should it be created instead, the platform
 * refuses it: the base that it names is not that of today.
 */
function isAsRecorded(found: readonly Difference[], { opts }: ResourceValidationArgs, props: Readonly<Record<string, unknown>>, gated: GatedInputs): boolean {
  const ignored = new Set(opts.ignoreChanges);
  return found.every(({ field }) => field !== "fixed" && ignored.has(field)) && ignored.has("base") && props["base"] !== gated.wanted.base;
}
