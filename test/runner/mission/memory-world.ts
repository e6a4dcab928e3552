import { otherSlot } from "../../../model/slot.js";
import { ABSENT, baseOf, type Observed, type ObservedService, type ServiceRollout } from "../../../model/rollout.js";
import { stage } from "../../../model/next-rollout.js";
import { specDigest, type SlotSpec } from "../../../model/slot-spec.js";
import { transitionOf, type Transition } from "../../../model/transition.js";
import { unchanged } from "../../../model/rollout.js";
import type { GateResult, Verdict } from "../../../model/verdict.js";
import { UserError } from "../../../runner/errors.js";
import type { Ground } from "../../../runner/mission/ground.js";
import type { Json, JournalLine, MissionJournal } from "../../../runner/mission/journal-port.js";
import { planRollout, type RolloutIntent } from "../../../runner/rollout/rollout-intent.js";
import { specOf } from "../../support/specs.js";

/** The process is gone: nothing of the mission runs on. */
export class Killed extends Error {}

/** A journal in memory that kills its mission at the n-th boundary: just before a line is on disk, or just after. */
export class MemoryJournal implements MissionJournal {
  readonly #lines: JournalLine[] = [];
  boundaries = 0;
  killAt = Infinity;
  /** The disk is full when there are so many lines. */
  fullAfter = Infinity;
  #dead = false;

  lines(): readonly JournalLine[] {
    return this.#lines;
  }

  append(line: JournalLine): Promise<void> {
    this.#boundary();
    if (this.#lines.length >= this.fullAfter) throw Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });
    if (this.#lines.some(({ kind }) => kind === "terminal")) throw new Error("a line after the terminal one");
    this.#lines.push(JSON.parse(JSON.stringify(line)) as JournalLine);
    this.#boundary();
    return Promise.resolve();
  }

  /** Whether something is announced whose end is not recorded. */
  hasOpenIntent(): boolean {
    const done = new Set(this.#lines.flatMap(({ kind, id }) => (kind === "result" ? [id] : [])));
    return this.#lines.some(({ kind, id }) => kind === "intent" && !done.has(id));
  }

  /** The next process opens the journal. */
  revive(killAt = Infinity): this {
    this.#dead = false;
    this.boundaries = 0;
    this.killAt = killAt;
    return this;
  }

  /** A killed process does nothing any more, whatever its code would still do. */
  assertAlive(): void {
    if (this.#dead) throw new Killed("killed");
  }

  #boundary(): void {
    this.assertAlive();
    if (this.boundaries++ !== this.killAt) return;
    this.#dead = true;
    throw new Killed("killed");
  }
}

/** How a release behaves in an environment. */
export interface Quality {
  /** From this weight on its users see errors; 101: never. */
  readonly badFrom: number;
  readonly ready: boolean;
  /** It breaks only after it has been finished. */
  readonly badWhenLive: boolean;
}

/** One write to an environment, for the invariants. */
export interface Written {
  readonly transition: Transition;
  readonly candidate: number;
  readonly before: number;
  /** Version of the release whose mission wrote; that of `PERSON` for what was done by hand. */
  readonly by: string;
  /** Version in the slot that is not live, after the write. */
  readonly version: string | null;
  /** Whether the journal had an intent without a result then. */
  readonly announced: boolean;
  /** Whether the journal had a decision to go back then. */
  readonly goingBack: boolean;
}

export const PERSON = "a person";

/** What is really there, whoever looks at it: several missions may have the same one as their ground. */
export class MemoryPlace {
  observed: Record<string, ObservedService> = {};
  readonly history: Written[] = [];
  frozen: string | null = null;
  /** How many moves by the platform's own interface are refused from now on. */
  refusesBack = 0;
}

/** One environment in memory: the rules are those of `model/`, everything that happens is kept for the invariants. */
export class MemoryGround implements Ground {
  watches = 0;
  /** Whether the engine would still change something after the last `up`. */
  leftOver = false;
  /** Whether what is done now is done by a person, without any journal. */
  byHand = false;

  constructor(
    readonly stack: string,
    protected readonly journal: MemoryJournal,
    readonly services: readonly string[],
    public quality: Quality,
    public version = "1.0.0",
    readonly place = new MemoryPlace(),
  ) {}

  get observed(): Record<string, ObservedService> {
    return this.place.observed;
  }

  get history(): Written[] {
    return this.place.history;
  }

  get frozen(): string | null {
    return this.place.frozen;
  }

  set frozen(reason: string | null) {
    this.place.frozen = reason;
  }

  get refusesBack(): number {
    return this.place.refusesBack;
  }

  set refusesBack(times: number) {
    this.place.refusesBack = times;
  }

  specOf(service: string): SlotSpec {
    return specOf(this.version, { service });
  }

  /** Services whose candidate has traffic. */
  shifting(): string[] {
    return Object.entries(this.observed).flatMap(([service, { live, split }]) => (live !== null && split?.of(live) !== 100 ? [service] : []));
  }

  /** Something that a person does there, with a release of their own. */
  async byPerson(work: (ground: this) => unknown): Promise<void> {
    const { version } = this;
    this.byHand = true;
    this.version = "9.9.9";
    try {
      await work(this);
    } finally {
      this.byHand = false;
      this.version = version;
    }
  }

  describe(): Promise<Observed> {
    this.journal.assertAlive();
    return Promise.resolve(structuredCloneOf(this.observed));
  }

  stage(): Promise<void> {
    this.journal.assertAlive();
    for (const service of this.services) {
      const next = stage(service, this.observed[service] ?? ABSENT, this.specOf(service));
      if (!next.ok) throw new Error(next.refusal);
      this.#write(service, next.rollout);
    }
    return Promise.resolve();
  }

  candidates(): Promise<readonly string[]> {
    this.journal.assertAlive();
    return Promise.resolve(Object.entries(this.observed).flatMap(([service, { live, slots }]) => (live !== null && slots[live]?.spec.version !== this.version && slots[otherSlot(live)]?.spec.version === this.version ? [service] : [])));
  }

  apply(intent: RolloutIntent, services: readonly string[]): Promise<void> {
    this.journal.assertAlive();
    const about = Object.fromEntries(services.map((service) => [service, this.observed[service] ?? ABSENT]));
    const wanted = alreadyFinished(about, intent, this) ? {} : planRollout(this.stack, about, intent).rollout;
    for (const [service, rollout] of Object.entries(wanted)) this.#write(service, rollout);
    return Promise.resolve();
  }

  readonly pause = () => Promise.resolve();

  takeBack(intent: RolloutIntent, services: readonly string[]): Promise<readonly string[]> {
    this.journal.assertAlive();
    if (this.refusesBack > 0) {
      this.refusesBack -= 1;
      return Promise.resolve(services.map((service) => `Service "${service}": the platform does not answer.`));
    }
    const refusals: string[] = [];
    for (const service of services) {
      try {
        const rollout = planRollout(this.stack, { [service]: this.observed[service] ?? ABSENT }, intent).rollout[service];
        if (rollout !== undefined) this.#write(service, rollout);
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        refusals.push(error.message);
      }
    }
    return Promise.resolve(refusals);
  }

  reconcile(): Promise<null> {
    this.journal.assertAlive();
    return Promise.resolve(null);
  }

  inLine(): Promise<readonly GateResult[]> {
    this.journal.assertAlive();
    return Promise.resolve([gate("engine-in-line", this.leftOver ? "FAIL" : "PASS", "what the engine would still change")]);
  }

  migrate(): Promise<Json> {
    this.journal.assertAlive();
    return Promise.resolve(null);
  }

  startProbing(): Promise<void> {
    this.journal.assertAlive();
    return Promise.resolve();
  }

  configured(): Promise<Json> {
    this.journal.assertAlive();
    return Promise.resolve(null);
  }

  baseline(): Promise<null> {
    this.journal.assertAlive();
    return Promise.resolve(null);
  }

  probed(): Promise<null> {
    return Promise.resolve(null);
  }

  markProbed(): Promise<void> {
    return Promise.resolve();
  }

  stopProbing(): Promise<null> {
    return Promise.resolve(null);
  }

  permit(): Promise<readonly GateResult[]> {
    this.journal.assertAlive();
    return Promise.resolve([gate("no-freeze", this.frozen === null ? "PASS" : "FAIL", this.frozen ?? "No freeze.")]);
  }

  check(): Promise<readonly GateResult[]> {
    this.journal.assertAlive();
    return Promise.resolve([gate("smoke", this.quality.ready ? "PASS" : "FAIL", "the smoke test")]);
  }

  watch(): Promise<readonly GateResult[]> {
    this.journal.assertAlive();
    this.watches += 1;
    const bad = Object.values(this.observed).some(({ live, split, slots }) => {
      if (live === null || split === null) return true;
      const holder = slots[live]?.spec.version === this.version ? live : otherSlot(live);
      // A release that no slot holds any more is not there to be watched.
      if (slots[holder]?.spec.version !== this.version) return true;
      return split.of(holder) >= this.quality.badFrom || (this.quality.badWhenLive && live === holder);
    });
    return Promise.resolve([gate("error-rate", bad ? "FAIL" : "PASS", "the error rate")]);
  }

  #write(service: string, rollout: ServiceRollout): void {
    const before = this.observed[service] ?? ABSENT;
    const previous = unchanged(before);
    const verdict = transitionOf(previous, rollout);
    if (!verdict.ok) throw new Error(verdict.refusals.join(" "));
    if (verdict.transition === "none") return;
    if (rollout.base !== baseOf(before)) throw new Error("base");
    const slots = { blue: before.slots.blue, green: before.slots.green };
    for (const slot of ["blue", "green"] as const) {
      const wanted = rollout.slots[slot];
      const held = before.slots[slot];
      if (wanted === null) slots[slot] = null;
      else {
        const spec = held !== null && specDigest(held.spec) === wanted.spec ? held.spec : this.specOf(service);
        slots[slot] = { spec, instances: wanted.instances, ready: wanted.instances };
      }
    }
    this.observed[service] = { generation: before.generation + 1, live: rollout.live, split: rollout.split, returnTo: rollout.returnTo, slots };
    const candidate = otherSlot(rollout.live);
    this.history.push({
      transition: verdict.transition,
      candidate: rollout.split.of(candidate),
      before: previous?.split.of(candidate) ?? 0,
      by: this.byHand ? PERSON : this.version,
      version: slots[candidate]?.spec.version ?? null,
      announced: this.journal.hasOpenIntent(),
      goingBack: this.journal.lines().some(({ kind, id, value }) => kind === "result" && id === `${this.stack}/decided` && value !== null),
    });
  }
}

/** `finish` again, after a kill, finds nothing to do. */
function alreadyFinished(observed: Observed, intent: RolloutIntent, ground: MemoryGround): boolean {
  return intent.kind === "finish" && Object.values(observed).every(({ live, slots }) => live !== null && slots[live]?.spec.version === ground.version);
}

function structuredCloneOf(observed: Observed): Observed {
  return Object.fromEntries(Object.entries(observed).map(([service, each]) => [service, { ...each, slots: { ...each.slots } }]));
}

export function gate(name: string, verdict: Verdict, summary: string): GateResult {
  return { gate: name, verdict, summary, details: [], measured: {} };
}
