import type { ResourceValidationArgs } from "@pulumi/policy";
import { canonicalJson } from "../../model/digest.js";
import type { LeafRole } from "../leaf-types.js";
import type { GatedInputs } from "../gated-inputs.js";
import type { ServiceFamily } from "../service-family.js";
import { stackOf } from "../urn.js";
import { awsAlarmAgrees, metricOf } from "./alarm-differences.js";
import { differently, same, type Difference } from "./differences.js";
import { UNKNOWN } from "./known.js";
import { awsLeaf, type AwsLeaf } from "./leaf.js";
import { awsSlotAgrees } from "./slot-differences.js";
import { awsSplitAgrees } from "./split-differences.js";

/** The service that a leaf stands below. */
interface Service {
  readonly urn: string;
  readonly gated: GatedInputs;
}

/** How a leaf of AWS differs from what its service says, a sentence each. */
export function awsDifferences(family: ServiceFamily, args: ResourceValidationArgs, role: LeafRole, service: Service): string[] {
  const leaf = awsLeaf(args);
  const { gated } = service;
  const stack = stackOf(args.urn);
  if (leaf.props["tags"] === UNKNOWN) return ["its tags are not known before the update, so it cannot be judged; allowed are plain values only."];
  const found = [
    ...fixed("its platform", "aws", gated.platform),
    ...fixed("its stack", leaf.stack, stack),
    ...fixed("its service", leaf.service, gated.service),
    ...(role === "slot" ? awsSlotAgrees(leaf, stack, gated) : role === "split" ? awsSplitAgrees(leaf, stack, gated) : awsAlarmAgrees(leaf, stack, gated)),
  ];
  const who = canonicalJson([leaf.type, gated.service, leaf.slot ?? null, leaf.route ?? null, metricOf(leaf, stack, gated.service) ?? null]);
  const other = family.take(who, args.urn);
  return [
    ...(isAsRecorded(found, family, args, role, leaf, service) ? [] : found).map(({ sentence }) => sentence),
    ...(other === undefined ? [] : [`it is declared twice; the other one is ${other}.`]),
    ...listener(family, role, leaf),
  ];
}

function fixed(what: string, is: unknown, wanted: unknown): Difference[] {
  return same("fixed", is, wanted).length === 0 ? [] : differently("fixed", `${what} is ${JSON.stringify(is)}, the service's is ${JSON.stringify(wanted)}.`);
}

/** A rule of a test route that lies on the listener of users would be one for users, of one slot alone. */
function listener(family: ServiceFamily, role: LeafRole, { route, props }: AwsLeaf): string[] {
  const arn = props["listenerArn"];
  if (role !== "split" || typeof arn !== "string") return [];
  const kind = route === "users" ? "users" : "a test route";
  const other = family.take(`listener ${arn}`, kind);
  return other === undefined ? [] : [`it is a rule for ${kind} on the listener of ${other}; allowed are listeners of their own.`];
}

/**
 * A resource that ignores changes shows what the state recorded when it was last written, and nothing is written now. AWS has no base that would refuse one that is
 * created instead, so it counts only under the one URN that the components give it (another one would be created), for a service that is there already, where
 * the service says that this stays: a slot with its SlotSpec and instances, or traffic that is kept.
 */
function isAsRecorded(found: readonly Difference[], family: ServiceFamily, { name, opts, urn }: ResourceValidationArgs, role: LeafRole, { slot, route }: AwsLeaf, service: Service): boolean {
  const ignored = new Set(opts.ignoreChanges);
  if (!found.every(({ field }) => field !== "fixed" && (ignored.has("*") || ignored.has(field)))) return false;
  const { previous, wanted, mode } = service.gated;
  if (previous === null || opts.aliases.length > 0) return false;
  const parent = family.parentOf(urn);
  if (role === "split" && route === "users") {
    const split = `${service.gated.service}-split`;
    return mode === "keep" && name === split && parent !== undefined && parent.endsWith(`mission:index:TrafficSplit::${split}`) && family.parentOf(parent) === service.urn;
  }
  if (slot === undefined || role === "alarm") return false;
  const [before, after] = [previous.slots[slot], wanted.slots[slot]];
  const stays = before?.spec === after?.spec && before?.instances === after?.instances;
  return stays && parent === service.urn && name === `${service.gated.service}-${slot}${role === "split" ? "-test" : ""}`;
}
