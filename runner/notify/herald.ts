import { setTimeout as sleep } from "node:timers/promises";
import { deliver, deliveryTo, type DeliveryOptions, type News, type Outcome, type Target } from "../../delivery/deliver.js";
import { canonicalJson, digestOf, shortDigest } from "../../model/digest.js";
import type { GateResult } from "../../model/verdict.js";
import type { JournalLine } from "../mission/journal-port.js";
import { recordedGates } from "../mission/recorded-gates.js";
import type { EnvironmentName, MissionSubject } from "../mission/subject.js";
import { newsOf, type MissionNews, type NewsSubject } from "./mission-news.js";
import { NotificationLog, type NotificationRecord } from "./notification-log.js";

/** What a herald needs of its mission: who is to be told stands in the settings of its environments. */
export type HeraldSubject = NewsSubject & Pick<MissionSubject, EnvironmentName>;

/** Where a herald keeps and finds things. */
export interface HeraldPlaces {
  /** Folder of `notifications.jsonl`. */
  readonly folder: string;
  /** What relative paths of targets are below. */
  readonly directory: string;
}

/** News that may wait for one target; the oldest that waits makes room, because the newest counts. */
const WAITING = 50;
/** Characters of a text; the journal has the rest. */
const LONGEST = 3_000;

interface Entry {
  readonly seq: number;
  readonly news: MissionNews;
}

/** One target, and what waits for it. */
interface Desk {
  readonly key: string;
  readonly target: Target;
  readonly environments: ReadonlySet<EnvironmentName>;
  readonly waiting: Entry[];
  busy: Promise<void> | null;
}

/**
 * Tells the targets of a mission's environments how it goes: each at least once, in order, one after another per target. Nobody waits for it, and it never
 * throws: who cannot be told is recorded and no reason to stop a mission. What has an outcome in `notifications.jsonl` is not told again.
 */
export class Herald {
  readonly #subject: HeraldSubject;
  readonly #places: HeraldPlaces;
  readonly #log: NotificationLog;
  readonly #options: DeliveryOptions;
  readonly #desks: readonly Desk[];
  readonly #secrets: readonly string[];
  readonly #known: Set<string>;
  readonly #ending = new AbortController();
  #failed: readonly GateResult[] = [];

  private constructor(subject: HeraldSubject, places: HeraldPlaces, log: NotificationLog, options: DeliveryOptions) {
    this.#subject = subject;
    this.#places = places;
    this.#log = log;
    this.#options = options;
    this.#desks = desksOf(subject);
    this.#secrets = secretsOf(subject);
    this.#known = new Set(log.records.map(({ seq, target }) => `${seq} ${target}`));
  }

  /** Reads what was told already. Never rejects. */
  static async open(subject: HeraldSubject, places: HeraldPlaces, options: DeliveryOptions = {}): Promise<Herald> {
    return new Herald(subject, places, await NotificationLog.open(places.folder), options);
  }

  /** What became of everything so far. */
  get records(): readonly NotificationRecord[] {
    return this.#log.records;
  }

  /** To be called for every line of the journal once it is on disk, also for those that are there at a resume. Returns at once. */
  observe(line: JournalLine, seq: number): void {
    const failed = line.kind === "result" ? recordedGates(line["value"]).filter(({ verdict }) => verdict !== "PASS") : [];
    if (failed.length > 0) this.#failed = failed;
    const news = newsOf(line, this.#subject, this.#failed);
    if (news === null || this.#ending.signal.aborted) return;
    for (const desk of this.#desks) {
      if (!news.environments.some((each) => desk.environments.has(each)) || this.#known.has(`${seq} ${desk.key}`)) continue;
      this.#known.add(`${seq} ${desk.key}`);
      desk.waiting.push({ seq, news });
      if (desk.waiting.length > WAITING) this.#record(desk, desk.waiting.shift(), { ok: false, reason: `dropped: ${WAITING} newer ones wait` });
      desk.busy ??= this.#work(desk);
    }
  }

  /**
   * Waits until everything is told, at most so long; then ends, and records what did not get through.
   * @returns what became of everything
   */
  async settle(limitMs: number): Promise<readonly NotificationRecord[]> {
    const idle = new AbortController();
    await Promise.race([this.#idle(), sleep(limitMs, undefined, { signal: idle.signal }).catch(() => undefined)]);
    idle.abort();
    this.#ending.abort();
    await this.#idle();
    await this.#log.written();
    return this.#log.records;
  }

  async #idle(): Promise<void> {
    await Promise.all(this.#desks.map(({ busy }) => busy));
  }

  async #work(desk: Desk): Promise<void> {
    // What waits is looked at a moment later, so that whoever observes a whole journal is not held up.
    await Promise.resolve();
    for (let entry = desk.waiting.shift(); entry !== undefined; entry = desk.waiting.shift()) {
      const ended = this.#ending.signal.aborted;
      this.#record(desk, entry, ended ? { ok: false, reason: "not told before the mission's process ended" } : await deliver(desk.target, this.#compose(entry.news), this.#places.directory, { ...this.#options, signal: this.#ending.signal }));
    }
    desk.busy = null;
  }

  #record({ key, target }: Desk, entry: Entry | undefined, outcome: Outcome): void {
    if (entry === undefined) return;
    this.#log.add({ seq: entry.seq, event: entry.news.event, target: key, ...deliveryTo(target, this.#places.directory, outcome), at: new Date().toISOString() });
  }

  #compose({ event, text }: MissionNews): News {
    const { id, application, version } = this.#subject;
    const safe = shorten(this.#secrets.reduce((left, secret) => left.replaceAll(secret, "***"), text));
    return { text: escapeForSlack(safe), line: { time: new Date().toISOString(), mission: id, application: application.name, version, event, text: safe } };
  }
}

/** The distinct targets of both environments. */
function desksOf(subject: HeraldSubject): Desk[] {
  const desks = new Map<string, Omit<Desk, "environments"> & { readonly environments: Set<EnvironmentName> }>();
  for (const environment of ["staging", "production"] as const) {
    for (const target of subject[environment].settings.notifications) {
      const key = shortDigest(digestOf(canonicalJson(target)));
      const desk = desks.get(key) ?? { key, target, environments: new Set<EnvironmentName>(), waiting: [], busy: null };
      desk.environments.add(environment);
      desks.set(key, desk);
    }
  }
  return [...desks.values()];
}

/** What must stand in no text, should a gate's sentence quote it: keys, and all of a webhook's address but its host. */
function secretsOf(subject: HeraldSubject): string[] {
  const secrets = (["staging", "production"] as const).flatMap((environment) => {
    const { notifications, digestKey } = subject[environment].settings;
    const addresses = notifications.flatMap((target) => {
      const url = target.type === "webhook" ? URL.parse(target.url) : null;
      return url === null ? [] : [`${url.pathname}${url.search}`, url.pathname, url.search, url.username, url.password];
    });
    return [...addresses, digestKey ?? ""];
  });
  return [...new Set(secrets)].filter((secret) => secret.length > 3).sort((a, b) => b.length - a.length);
}

function shorten(text: string): string {
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST)} ...`;
}

/** Slack gives these three characters a meaning: what a gate quotes must not call everybody. */
function escapeForSlack(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
