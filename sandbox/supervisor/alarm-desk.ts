import { AlarmWatch, type AlarmSource } from "../alarms/alarm-watch.js";
import type { Judgement } from "../alarms/judge-alarm.js";
import { isNews, type AlarmChange, type AlarmNews } from "../alarms/notification.js";
import { notify } from "../alarms/notify.js";
import { deliveryTo, longestDelivery, type Delivery, type Outcome } from "../../delivery/deliver.js";
import type { AlarmRequest } from "../protocol.js";
import type { Context } from "./context.js";
import { Refusal } from "./refusal.js";
import { serviceOf } from "./state.js";

/** Notifications that may wait for one target; more are dropped, oldest last, and the log says so. */
const WAITING = 20;
/** Milliseconds after which whoever tests an alarm has an answer, also when a target hangs or others wait before the test. */
const TEST_LIMIT = longestDelivery() + 2_500;

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
      if (change !== undefined && isNews(change)) for (const target of change.request.targets) this.#tellOf(target, change);
    } catch (error) {
      log.write("error", `alarm "${alarm}" became ${state} and that cannot be recorded`, { reason: String(error) });
    }
  }

  /**
   * Sends a test the way that the alarm itself would go, to every target of it. Changes nothing of the alarm.
   * @throws Refusal when there is no such alarm
   */
  async test(alarm: string, id: string): Promise<readonly Delivery[]> {
    const { store, paths } = this.#context;
    const request = Object.hasOwn(store.current.alarms, alarm) ? store.current.alarms[alarm]?.request : undefined;
    if (request === undefined) throw new Refusal(404, `There is no alarm "${alarm}".`);
    const news = { time: new Date().toISOString(), alarm, request, test: id };
    const late = AbortSignal.timeout(TEST_LIMIT);
    return Promise.all(
      request.targets.map(async (target) => {
        const ended = new Promise<Outcome>((resolve) => late.addEventListener("abort", () => resolve({ ok: false, reason: `not told within ${TEST_LIMIT} ms` }), { once: true }));
        return deliveryTo(target, paths.directory, await Promise.race([this.#tell(target, news, late), ended]));
      }),
    );
  }

  #tellOf(target: AlarmRequest["targets"][number], change: AlarmChange): void {
    const { log } = this.#context;
    void this.#tell(target, change).then((outcome) => {
      if (outcome.ok) log.write("info", `told a ${target.type} that alarm "${change.alarm}" is ${change.to}`);
      else log.write("error", `a ${target.type} was not told that alarm "${change.alarm}" is ${change.to}`, { reason: outcome.reason });
    });
  }

  /** One after another per target, so that "over" never arrives before "alarm". Never rejects. `signal` ends it, also while it waits. */
  #tell(target: AlarmRequest["targets"][number], news: AlarmNews, signal?: AbortSignal): Promise<Outcome> {
    const key = JSON.stringify(target);
    const queue = this.#queues.get(key) ?? { waiting: 0, last: Promise.resolve() };
    this.#queues.set(key, queue);
    if (queue.waiting >= WAITING) return Promise.resolve({ ok: false, reason: `dropped: ${WAITING} others wait for it` });
    queue.waiting += 1;
    const told = queue.last.then(() => (signal?.aborted === true ? { ok: false as const, reason: "not told in time" } : notify(target, news, this.#context.paths.directory, signal === undefined ? {} : { signal })));
    queue.last = told.then(() => {
      queue.waiting -= 1;
    });
    return told;
  }
}
