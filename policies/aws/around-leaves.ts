import type { ResourceValidationArgs } from "@pulumi/policy";
import { at, known, listOf, UNKNOWN } from "./known.js";

/** Other names under which providers have the same resources; the rules look for `aws:lb/` and `aws:ecs/`. */
const OTHER_NAMES = /^(aws:(alb|elasticloadbalancingv2|applicationloadbalancing)\/|aws-native:(ecs|elasticloadbalancingv2):)/;

/** What brings tasks or addresses to users beside the leaves that are judged. */
const BESIDE = ["aws:ecs/taskSet:TaskSet", "aws:lb/targetGroupAttachment:TargetGroupAttachment"];

/** Why a resource of AWS that is no leaf would carry traffic that nobody has judged: sentences without their subject. */
export function aroundLeaves({ type, props }: Pick<ResourceValidationArgs, "type" | "props">): string[] {
  if (!type.startsWith("aws")) return [];
  if (OTHER_NAMES.test(type)) return ["is of a type that this pack knows by another name only; declare it as aws:lb or aws:ecs."];
  if (BESIDE.includes(type)) return ["carries traffic beside the slots; allowed are slots and the split between them."];
  if (type !== "aws:lb/listener:Listener") return [];
  const actions = listOf(known(props, ["defaultActions"])["defaultActions"]);
  if (actions === UNKNOWN) return [];
  return actions.every((action) => ["fixed-response", "redirect", UNKNOWN].includes(at(action, "type") as string)) ? [] : ["carries traffic by its default action; allowed there are a fixed response and a redirect, the rules of services lead to slots."];
}
