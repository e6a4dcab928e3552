/** A composite alarm as it was put: the parameters of the call. */
type Alarm = ReadonlyMap<string, string>;

const XMLNS = "http://monitoring.amazonaws.com/doc/2010-08-01/";

/**
 * CloudWatch's composite alarms, in the query protocol, for an emulator that knows none (moto's `put_composite_alarm` is not implemented). What is put can be described,
 * tagged and deleted; its rule is kept and never evaluated.
 */
export class CompositeAlarms {
  private readonly alarms = new Map<string, Alarm>();
  private readonly tags = new Map<string, Map<string, string>>();

  /** What was put, by name. */
  get all(): ReadonlyMap<string, Alarm> {
    return this.alarms;
  }

  /** The answer to a call, as XML; undefined for a call that is none of theirs. */
  answer(call: URLSearchParams): string | undefined {
    const arn = call.get("ResourceARN") ?? "";
    const name = arn.split(":").slice(6).join(":");
    switch (call.get("Action")) {
      case "PutCompositeAlarm": {
        const put = call.get("AlarmName") ?? "";
        this.alarms.set(put, new Map(call));
        this.tags.set(put, new Map(members(call, "Tags").map((prefix) => [call.get(`${prefix}.Key`) ?? "", call.get(`${prefix}.Value`) ?? ""])));
        return response("PutCompositeAlarm");
      }
      case "DescribeAlarms": {
        if (call.get("AlarmTypes.member.1") !== "CompositeAlarm") return undefined;
        const names = members(call, "AlarmNames").map((key) => call.get(key) ?? "");
        const found = [...this.alarms].filter(([each]) => names.length === 0 || names.includes(each));
        return response("DescribeAlarms", `<CompositeAlarms>${found.map(([each, alarm]) => `<member>${described(each, alarm)}</member>`).join("")}</CompositeAlarms><MetricAlarms/>`);
      }
      case "DeleteAlarms": {
        const names = members(call, "AlarmNames").map((key) => call.get(key) ?? "");
        if (!names.every((each) => this.alarms.has(each))) return undefined;
        for (const each of names) this.alarms.delete(each);
        return response("DeleteAlarms");
      }
      case "ListTagsForResource":
        if (!this.alarms.has(name)) return undefined;
        return response("ListTagsForResource", `<Tags>${[...(this.tags.get(name) ?? [])].map(([key, value]) => `<member><Key>${escape(key)}</Key><Value>${escape(value)}</Value></member>`).join("")}</Tags>`);
      case "TagResource":
        if (!this.alarms.has(name)) return undefined;
        for (const prefix of members(call, "Tags")) this.tags.get(name)?.set(call.get(`${prefix}.Key`) ?? "", call.get(`${prefix}.Value`) ?? "");
        return response("TagResource", "");
      case "UntagResource":
        if (!this.alarms.has(name)) return undefined;
        for (const key of members(call, "TagKeys")) this.tags.get(name)?.delete(call.get(key) ?? "");
        return response("UntagResource", "");
      default:
        return undefined;
    }
  }
}

function described(name: string, alarm: Alarm): string {
  const list = (key: string) => `<${key}>${members(alarm, key).map((each) => `<member>${escape(alarm.get(each) ?? "")}</member>`).join("")}</${key}>`;
  return [
    `<AlarmName>${escape(name)}</AlarmName>`,
    `<AlarmArn>arn:aws:cloudwatch:eu-central-1:123456789012:alarm:${escape(name)}</AlarmArn>`,
    `<AlarmDescription>${escape(alarm.get("AlarmDescription") ?? "")}</AlarmDescription>`,
    `<AlarmRule>${escape(alarm.get("AlarmRule") ?? "")}</AlarmRule>`,
    `<ActionsEnabled>${alarm.get("ActionsEnabled") ?? "true"}</ActionsEnabled>`,
    list("AlarmActions"),
    list("OKActions"),
    list("InsufficientDataActions"),
    "<StateValue>INSUFFICIENT_DATA</StateValue>",
  ].join("");
}

/** `Tags.member.1`, `Tags.member.2` ...: the elements of a list in the query protocol. */
function members(call: { keys(): IterableIterator<string> }, list: string): string[] {
  const pattern = new RegExp(`^${list}\\.member\\.\\d+(?=\\.|$)`);
  return [...new Set([...call.keys()].flatMap((key) => pattern.exec(key)?.[0] ?? []))];
}

function response(action: string, result?: string): string {
  const body = result === undefined ? "" : `<${action}Result>${result}</${action}Result>`;
  return `<${action}Response xmlns="${XMLNS}">${body}<ResponseMetadata><RequestId>00000000-0000-4000-8000-000000000000</RequestId></ResponseMetadata></${action}Response>`;
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
