import type { AlarmRequest, AlarmState } from "../protocol.js";
import { CounterHistory } from "./counters.js";
import { parseExposition, type Sample } from "./exposition.js";
import { judgeAlarm, type Judgement, type Measurements } from "./judge-alarm.js";

/** What the watch needs of the supervisor. */
export interface AlarmSource {
  /** The alarms there are now, with the state that is recorded. */
  alarms(): Readonly<Record<string, { readonly request: AlarmRequest; readonly state: AlarmState }>>;
  /** Pid and metrics of the router. Rejects when it does not answer. */
  scrape(): Promise<{ readonly router: number; readonly text: string }>;
  /** Ready and wanted instances of a service's live slot. */
  live(service: string): Measurements["live"];
  /** Records a new state and tells who is to be told. */
  changed(alarm: string, to: Judgement): void;
}

const TICK = 1_000;

/** Judges every alarm again and again: each every second or every tenth of its window, whichever is longer. */
export class AlarmWatch {
  readonly #source: AlarmSource;
  readonly #history = new CounterHistory();
  readonly #values = new Map<string, number | null>();
  #failOpen = new Map<string, boolean>();
  #timer: NodeJS.Timeout | undefined;
  #tick = 0;

  constructor(source: AlarmSource) {
    this.#source = source;
  }

  start(): void {
    this.#timer = setInterval(() => void this.#turn(), TICK);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** What an alarm's metric was when it was judged last; null: no data. */
  valueOf(alarm: string): number | null {
    return this.#values.get(alarm) ?? null;
  }

  async #turn(): Promise<void> {
    this.#tick += 1;
    const all = Object.entries(this.#source.alarms());
    const due = all.filter(([, { request }]) => this.#tick % Math.max(1, Math.round(request.windowMs / 10 / TICK)) === 0);
    if (due.length === 0) return;
    const metrics = await this.#source.scrape().catch(() => undefined);
    const now = performance.now();
    const samples = metrics === undefined ? [] : parseExposition(metrics.text);
    const longest = Math.max(...all.map(([, { request }]) => request.windowMs));
    if (metrics !== undefined) this.#history.add(now, longest, metrics.router, samples);
    this.#failOpen = failOpenOf(samples);
    const current = this.#source.alarms();
    for (const [name] of due) {
      const alarm = current[name];
      if (alarm === undefined) continue;
      const { service, windowMs } = alarm.request;
      const measured = { counts: this.#history.within(service, windowMs, now), live: this.#source.live(service), failOpen: this.#failOpen.get(service) };
      const judgement = judgeAlarm(alarm.request, measured);
      this.#values.set(name, judgement.value);
      if (judgement.state !== alarm.state) this.#source.changed(name, judgement);
    }
  }
}

function failOpenOf(samples: readonly Sample[]): Map<string, boolean> {
  const lines = samples.filter(({ name }) => name === "mission_fail_open");
  return new Map(lines.map(({ labels, value }) => [labels.get("service") ?? "", value > 0]));
}
