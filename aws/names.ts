import { createHash } from "node:crypto";
import type { Slot } from "../model/slot.js";

/*
 * What things are called on AWS. Names are derived, never looked up, so that program and runner mean the same thing without telling each other.
 */

/** Longest name of a target group and of a load balancer (Elastic Load Balancing v2 API). */
export const LONGEST_BALANCER_NAME = 32;

/** `<stack>-<service>-<slot>`: task definition family and ECS service; at most 40 + 40 + 7 characters, where 255 are allowed. */
export function slotName(stack: string, service: string, slot: Slot): string {
  return `${stack}-${service}-${slot}`;
}

/** Like `slotName`, for what may have only 32 characters: shortened, with eight digits of its digest, where it is too long. */
export function targetGroupName(stack: string, service: string, slot: Slot): string {
  return atMost(slotName(stack, service, slot), LONGEST_BALANCER_NAME);
}

/** Name of a role: at most 64 characters. */
export function roleName(stack: string, service: string, slot: Slot, purpose: "execution" | "task"): string {
  return atMost(`${slotName(stack, service, slot)}-${purpose}`, 64);
}

/** Name of a load balancer that is made. */
export function loadBalancerName(stack: string): string {
  return atMost(stack, LONGEST_BALANCER_NAME);
}

export function logGroupName(stack: string, service: string, slot: Slot): string {
  return `/mission/${stack}/${service}/${slot}`;
}

export function secretName(stack: string, service: string, slot: Slot): string {
  return `mission/${stack}/${service}/${slot}`;
}

/** CloudWatch alarm of a slot; unique in the account and region. */
export function alarmName(stack: string, service: string, slot: Slot, metric: string): string {
  return `${slotName(stack, service, slot)}-${metric}`;
}

/** The composite alarm of a service. */
export function rollbackAlarmName(stack: string, service: string): string {
  return `${stack}-${service}-rollback`;
}

export function topicName(stack: string): string {
  return `${stack}-alarms`;
}

/** Cut and told apart by a digest where it is too long, so that two long names stay two. */
function atMost(name: string, longest: number): string {
  if (name.length <= longest) return name;
  const digest = createHash("sha256").update(name).digest("hex").slice(0, 8);
  return `${name.slice(0, longest - 9).replace(/-+$/, "")}-${digest}`;
}
