import { z } from "zod";
import { nameSchema } from "../../model/names.js";
import { alarmRequestSchema } from "../protocol.js";
import { peek, running } from "./connection.js";
import type { ResourceHandler } from "./handler.js";

const schema = alarmRequestSchema.extend({ sandbox: nameSchema });
type AlarmInputs = z.output<typeof schema>;

const nameOf = ({ service, metric }: AlarmInputs) => `${service}-${metric}`;

/** `sandbox:index:Alarm`: a limit on one metric of one service. */
export const alarmHandler: ResourceHandler<AlarmInputs> = {
  schema,
  identity: ["sandbox", "service", "metric"],
  incidental: [],
  id: (inputs) => `${inputs.sandbox}/${nameOf(inputs)}`,

  async drift(wanted) {
    return (await peek(wanted.sandbox))?.alarms[nameOf(wanted)] === undefined ? ["threshold"] : [];
  },

  async put(wanted) {
    const { sandbox, ...request } = wanted;
    await (await running(sandbox)).putAlarm(nameOf(wanted), request);
    return {};
  },

  async read(recorded) {
    const alarm = (await peek(recorded.sandbox))?.alarms[nameOf(recorded)];
    if (alarm === undefined) return undefined;
    const { service, metric, threshold, windowMs, targets } = alarm;
    return { inputs: { sandbox: recorded.sandbox, service, metric, threshold, windowMs, targets }, outputs: {} };
  },

  async delete(recorded) {
    if ((await peek(recorded.sandbox)) === undefined) return;
    await (await running(recorded.sandbox)).deleteAlarm(nameOf(recorded));
  },
};
