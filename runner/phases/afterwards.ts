import { randomBytes } from "node:crypto";
import type { GateResult } from "../../model/verdict.js";
import { alarmDelivered } from "../gates/alarm-delivered.js";
import { releaseOf, type MissionContext } from "./mission-context.js";

/** Whether an alarm of production reaches people: a test alarm goes the way of a real one. It does not decide: a release is not bad because a webhook is down. */
export async function afterwards(context: MissionContext): Promise<readonly GateResult[]> {
  const { adapters, subject } = context;
  return Promise.all(Object.keys(releaseOf(context).services).map((service) => alarmDelivered(adapters.production, service, `${subject.id}-${randomBytes(4).toString("hex")}`)));
}
