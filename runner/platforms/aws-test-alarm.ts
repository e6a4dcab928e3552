import { DescribeAlarmsCommand } from "@aws-sdk/client-cloudwatch";
import { ListSubscriptionsByTopicCommand, PublishCommand, type Subscription } from "@aws-sdk/client-sns";
import { awsError } from "../../aws/aws-error.js";
import type { AwsClients } from "../../aws/clients.js";
import { alarmName } from "../../aws/names.js";
import type { Delivery } from "../../delivery/deliver.js";
import { SLOTS } from "../../model/slot.js";
import { PlatformRefusal } from "./adapter.js";
import { ALARM_METRICS } from "./aws-alarms.js";

/**
 * Publishes a message that says it is a test to the topics that the first alarm of a service tells. SNS says that it took it, and who is subscribed; whether a
 * mail was read nobody can tell.
 */
export async function awsTestAlarm(stack: string, service: string, id: string, { watch, topics }: AwsClients): Promise<readonly Delivery[]> {
  const names = SLOTS.flatMap((slot) => ALARM_METRICS.map((metric) => alarmName(stack, service, slot, metric)));
  try {
    const { MetricAlarms = [] } = await watch.send(new DescribeAlarmsCommand({ AlarmNames: names }));
    const [first] = [...MetricAlarms].sort((a, b) => ((a.AlarmName ?? "") < (b.AlarmName ?? "") ? -1 : 1));
    if (first === undefined) throw new PlatformRefusal("no-alarm", `Service "${service}" has no alarm.`);
    const deliveries = await Promise.all((first.AlarmActions ?? []).map((topic) => tell(topic, first.AlarmName ?? "", id, topics)));
    return deliveries.flat();
  } catch (error) {
    if (error instanceof PlatformRefusal) throw error;
    throw new PlatformRefusal("alarms", awsError(`The alarms of service "${service}"`, error).message);
  }
}

async function tell(topic: string, alarm: string, id: string, topics: AwsClients["topics"]): Promise<Delivery[]> {
  const delivery = (where: string, reason: string | null): Delivery => ({ type: "topic", where, ok: reason === null, reason });
  const subscriptions: Subscription[] = [];
  let NextToken: string | undefined;
  do {
    const page = await topics.send(new ListSubscriptionsByTopicCommand({ TopicArn: topic, ...(NextToken === undefined ? {} : { NextToken }) }));
    subscriptions.push(...(page.Subscriptions ?? []));
    NextToken = page.NextToken;
  } while (NextToken !== undefined && NextToken !== "");
  if (subscriptions.length === 0) return [delivery(topic, "nobody is subscribed")];
  await topics.send(new PublishCommand({ TopicArn: topic, Subject: `Test of alarm ${alarm}`.slice(0, 100), Message: JSON.stringify({ test: id, alarm, text: `This is a test of alarm "${alarm}"; nothing is wrong.` }) }));
  return subscriptions.map(({ Protocol = "?", Endpoint = "", SubscriptionArn = "" }) => delivery(`${Protocol} ${Endpoint}`, SubscriptionArn === "PendingConfirmation" ? "the subscription was not confirmed yet" : null));
}
