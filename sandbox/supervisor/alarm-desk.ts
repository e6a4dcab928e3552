import { AlarmWatch, type AlarmSource } from "../alarms/alarm-watch.js";
import type { Judgement } from "../alarms/judge-alarm.js";
import { isNews, type AlarmChange } from "../alarms/notification.js";
import { notify } from "../alarms/notify.js";
import type { AlarmRequest } from "../protocol.js";
import type { Context } from "./context.js";
import { serviceOf } from "./state.js";

/** Notifications that may wait for one target; more are dropped, oldest last, and the log says so. */
const WAITING = 20;

/** Judges the alarms that are recorded, records what they become, and tells their targets. */
export class AlarmDesk {
  readonly #context: Context;
  readonly #watch: AlarmWatch;
  readonly #queues = new Map<string, { waiting: number; last: Promise<void> }>();

  constructor(context: Context) {
    this.#context = context;
    const source: AlarmSource = {
      alarms: () => context.store.current.alarms,
      scrape: async () => ({ router: context.router.process.pid ?? 0, text: await context.router.metrics() }),
      live: (service) => {
        const { live, slots } = serviceOf(context.store.current, service);
        const held = live === null ? null : slots[live];
        return live === null || held === null ? undefined : { ready: context.slots.of(service, live).ready, wanted: held.instances };
      },
      changed: (alarm, to) => void this.#changed(alarm, to),
    };
    this.#watch = new AlarmWatch(source);
  }

  start(): void {
    this.#watch.start();
  }

  stop(): void {
    this.#watch.stop();
  }

  /** See {@link AlarmWatch.valueOf}. */
  valueOf(alarm: string): number | null {
    return this.#watch.valueOf(alarm);
  }

  async #changed(alarm: string, { state, value }: Judgement): Promise<void> {
    const { store, log } = this.#context;
    const time = new Date().toISOString();
    try {
      const change = await store.exclusive(async (save): Promise<AlarmChange | undefined> => {
        const record = store.current.alarms[alarm];
        if (record === undefined || record.state === state) return undefined;
        await save({ ...store.current, alarms: { ...store.current.alarms, [alarm]: { ...record, state, since: time } } });
        return { time, alarm, request: record.request, from: record.state, to: state, value };
      });
      if (change !== undefined && isNews(change)) for (const target of change.request.targets) this.#tell(target, change);
    } catch (error) {
      log.write("error", `alarm "${alarm}" became ${state} and that cannot be recorded`, { reason: String(error) });
    }
  }

  /** One after another per target, so that "over" never arrives before "alarm"; nobody waits for it. */
  #tell(target: AlarmRequest["targets"][number], change: AlarmChange): void {
    const { log, paths } = this.#context;
    const key = JSON.stringify(target);
    const queue = this.#queues.get(key) ?? { waiting: 0, last: Promise.resolve() };
    this.#queues.set(key, queue);
    if (queue.waiting >= WAITING) return log.write("error", `a notification of alarm "${change.alarm}" is dropped: its ${target.type} takes none`);
    queue.waiting += 1;
    queue.last = queue.last
      .then(() => notify(target, change, paths.directory))
      .then((outcome) => {
        queue.waiting -= 1;
        if (outcome.ok) log.write("info", `told a ${target.type} that alarm "${change.alarm}" is ${change.to}`);
        else log.write("error", `a ${target.type} was not told that alarm "${change.alarm}" is ${change.to}`, { reason: outcome.reason });
      });
  }
}
