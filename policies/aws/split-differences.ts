import { SLOTS } from "../../model/slot.js";
import type { GatedInputs } from "../gated-inputs.js";
import { differently, same, type Difference } from "./differences.js";
import { at, listOf, UNKNOWN } from "./known.js";
import { NONE, TAG, type AwsLeaf } from "./leaf.js";
import { slotOfGroup } from "./slot-differences.js";

/** The rule by which users come shares their traffic as is wanted; that of a test route leads to its slot and nowhere else. */
export function awsSplitAgrees(leaf: AwsLeaf, stack: string, gated: GatedInputs): Difference[] {
  const { route, slot, tags, props } = leaf;
  if (route === "users") {
    const { live, returnTo } = gated.wanted;
    return [...weights(props["actions"], stack, gated), ...same("tags", tags[TAG.live], live, "live"), ...same("tags", tags[TAG.returnTo], returnTo ?? NONE, "returnTo")];
  }
  if (route === undefined || route !== slot) return differently("fixed", `its route is ${JSON.stringify(route)} and its slot ${JSON.stringify(tags[TAG.slot])}; allowed are the route "users", and "blue" or "green" for the slot of that name.`);
  const actions = listOf(props["actions"]);
  if (actions === UNKNOWN) return [];
  const arn = at(actions, 0, "targetGroupArn");
  const only = actions.length === 1 && at(actions, 0, "type") === "forward" && at(actions, 0, "forward") === undefined;
  return only && (arn === UNKNOWN || slotOfGroup(arn, stack, gated.service) === slot) ? [] : differently("actions", `it leads elsewhere than to slot "${slot}" alone.`);
}

/**
 * By position, blue first, where the ARNs are not known yet; where they are, by the slot that each names: a refreshed state may have them in another order.
 */
function weights(value: unknown, stack: string, { service, wanted }: GatedInputs): Difference[] {
  const actions = listOf(value);
  if (actions === UNKNOWN) return [];
  const groups = listOf(at(actions, 0, "forward", "targetGroups"));
  if (groups === UNKNOWN) return [];
  if (actions.length !== 1 || at(actions, 0, "type") !== "forward" || groups.length !== 2) return differently("actions", "it does something else than to share traffic between two target groups; allowed is one weighted forward, blue first.");
  const slots = groups.map((group, index) => (at(group, "arn") === UNKNOWN ? SLOTS[index] : slotOfGroup(at(group, "arn"), stack, service)));
  if (slots.includes(undefined) || slots[0] === slots[1]) return differently("actions", "its target groups are not those of the service's two slots.");
  const weight = (slot: "blue" | "green") => at(groups, slots.indexOf(slot), "weight");
  const agrees = SLOTS.every((slot) => weight(slot) === UNKNOWN || weight(slot) === wanted.split[slot]);
  return agrees ? [] : differently("actions", `its weights are blue ${String(weight("blue"))} / green ${String(weight("green"))}, those wanted are blue ${wanted.split.blue} / green ${wanted.split.green}.`);
}
