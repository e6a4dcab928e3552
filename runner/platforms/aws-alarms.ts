import { DescribeAlarmsCommand, type MetricAlarm } from "@aws-sdk/client-cloudwatch";
import { asking } from "../../aws/aws-error.js";
import type { AwsClients } from "../../aws/clients.js";
import { alarmName } from "../../aws/names.js";
import type { PerSlot, Slot } from "../../model/slot.js";
import type { AlarmReading } from "./adapter.js";

/** The metrics that each slot has an alarm on. */
export const ALARM_METRICS = ["error-rate", "latency-p95", "availability"] as const;

/** What CloudWatch says of the alarms of each slot; null for a slot without one. An alarm that lacks data is neither on nor off. */
export async function awsAlarms(stack: string, service: string, { watch }: AwsClients): Promise<PerSlot<readonly AlarmReading[] | null>> {
  const names = (slot: Slot) => ALARM_METRICS.map((metric) => alarmName(stack, service, slot, metric));
  const wanted = [...names("blue"), ...names("green")];
  const found: MetricAlarm[] = [];
  let NextToken: string | undefined;
  do {
    const page = await asking(`The alarms of service "${service}"`, () => watch.send(new DescribeAlarmsCommand({ AlarmNames: wanted, AlarmTypes: ["MetricAlarm"], ...(NextToken === undefined ? {} : { NextToken }) })));
    found.push(...(page.MetricAlarms ?? []));
    NextToken = page.NextToken;
  } while (NextToken !== undefined && NextToken !== "");
  const of = (slot: Slot): readonly AlarmReading[] | null => {
    const readings = names(slot).flatMap((name) => {
      const alarm = found.find(({ AlarmName }) => AlarmName === name);
      return alarm === undefined ? [] : [reading(name, alarm)];
    });
    return readings.length === 0 ? null : readings;
  };
  return { blue: of("blue"), green: of("green") };
}

function reading(name: string, { StateValue, StateReason = "" }: MetricAlarm): AlarmReading {
  return { name, state: StateValue === "ALARM" ? "on" : StateValue === "OK" ? "off" : "unknown", reason: StateReason };
}
