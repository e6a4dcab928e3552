import { slotName, targetGroupName } from "../../aws/names.js";
import type { Slot } from "../../model/slot.js";
import type { GatedInputs } from "../gated-inputs.js";
import { differently, holdsInstead, same, type Difference } from "./differences.js";
import { ECS_SERVICE } from "../leaf-types.js";
import { containerDifferences } from "./container-differences.js";
import { at, listOf, UNKNOWN } from "./known.js";
import { SPEC_TAG, type AwsLeaf } from "./leaf.js";

/** A slot's task definition and its ECS service run the SlotSpec, and as many instances, as is wanted for it. */
export function awsSlotAgrees({ type, slot, tags, props }: AwsLeaf, stack: string, gated: GatedInputs): Difference[] {
  if (slot === undefined) return differently("fixed", `its slot is ${JSON.stringify(tags["mission:slot"])}; allowed is "blue" or "green".`);
  const name = slotName(stack, gated.service, slot);
  const spec = tags[SPEC_TAG];
  const tag = spec === UNKNOWN ? [] : holdsInstead("tags", typeof spec === "string" ? spec : null, slot, gated);
  if (type !== ECS_SERVICE) return [...same("fixed", props["family"], name, "family"), ...tag, ...containerDifferences(props["containerDefinitions"], slot, gated)];
  return [
    ...same("fixed", props["name"], name, "name"),
    ...tag,
    ...same("desiredCount", props["desiredCount"], gated.wanted.slots[slot]?.instances ?? 0),
    ...runs(props["taskDefinition"], name),
    ...behind(props["loadBalancers"], targetGroupName(stack, gated.service, slot)),
  ];
}

/** The task definition of another family holds what nobody has judged. */
function runs(taskDefinition: unknown, family: string): Difference[] {
  if (taskDefinition === UNKNOWN) return [];
  const named = /^arn:[^:]+:ecs:[^:]*:[^:]*:task-definition\/([^:/]+):\d+$/.exec(String(taskDefinition))?.[1];
  return named === family ? [] : differently("taskDefinition", `it runs the task definition ${JSON.stringify(taskDefinition)}; wanted is a revision of "${family}", by its ARN.`);
}

/** Tasks in the target group of the other slot would get its traffic. */
function behind(loadBalancers: unknown, wanted: string): Difference[] {
  const list = listOf(loadBalancers);
  if (list === UNKNOWN) return [];
  const others = list.filter((each) => groupOf(at(each, "targetGroupArn")) !== wanted && at(each, "targetGroupArn") !== UNKNOWN);
  return list.length === 1 && others.length === 0 ? [] : differently("loadBalancers", `its tasks are not in the target group "${wanted}" alone.`);
}

/** Name of the target group that an ARN names; undefined for anything else. */
export function groupOf(arn: unknown): string | undefined {
  return typeof arn === "string" ? /:targetgroup\/([^/]+)\//.exec(arn)?.[1] : undefined;
}

/** The slot whose target group an ARN names; undefined for any other one. */
export function slotOfGroup(arn: unknown, stack: string, service: string): Slot | undefined {
  return (["blue", "green"] as const).find((slot) => groupOf(arn) === targetGroupName(stack, service, slot));
}
