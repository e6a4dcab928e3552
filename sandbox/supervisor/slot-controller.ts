import { formatDuration } from "../../model/duration.js";
import type { Slot } from "../../model/slot.js";
import { tailOf } from "../process/log-file.js";
import { describeExit, type Exit } from "../process/watch.js";
import type { SlotStatus } from "../protocol.js";
import type { Instance as RoutedInstance } from "../router/config.js";
import type { Adopted } from "./adoption.js";
import { shellProblem, startProblem } from "./cannot-start.js";
import type { Base } from "./context.js";
import { drained, taken } from "./drain.js";
import { Instance, type InstanceHost } from "./instance.js";
import { artifactDirectory } from "./instance-environment.js";
import { MAX_BACKOFF, restartDecision } from "./restart-policy.js";
import { recordFailure, recordReady } from "./slot-outcome.js";
import { SlotSecrets } from "./slot-secrets.js";
import { slotPhase, slotReason } from "./slot-status.js";
import { inUse, reservedPorts, serviceOf, type SlotRecord } from "./state.js";
import { firstBackoff } from "./test-settings.js";

/** Milliseconds that a slot gets after the supervisor's start, whenever its deadline was. */
const AFTER_ADOPTION = 10_000;
const LOG_LINES = 12;

/** Keeps one slot what it is recorded to be: starts, watches, restarts and ends its instances. */
export class SlotController {
  readonly #base: Base;
  readonly #service: string;
  readonly #slot: Slot;
  readonly #secrets: SlotSecrets;
  readonly #wanted = new Map<string, Instance>();
  readonly #leaving = new Map<string, Instance>();
  readonly #begun = Date.now();
  #drainMs = 0;
  #deadline: { readonly key: string; readonly timer: NodeJS.Timeout } | undefined;
  /** What keeps a slot in use from being well; another slot would have been given up. */
  #trouble: string | null = null;
  #letGo = false;

  constructor(base: Base, service: string, slot: Slot) {
    this.#base = base;
    this.#service = service;
    this.#slot = slot;
    this.#secrets = new SlotSecrets(base, service, slot);
  }

  /** The instances that the router is to know: those with a process, because the port of one without may be anybody's by now. */
  routed(): readonly RoutedInstance[] {
    return [...this.#wanted.values()].filter(({ status }) => status.pid !== null).map(({ id, port, ready }) => ({ id, port, ready }));
  }

  /** How many wanted instances are ready. */
  get ready(): number {
    return [...this.#wanted.values()].filter(({ ready }) => ready).length;
  }

  /** Whether there is any instance, wanted or leaving. */
  get occupied(): boolean {
    return this.#wanted.size + this.#leaving.size > 0;
  }

  /** What is told of the slot. */
  get status(): SlotStatus {
    const record = this.#record;
    const waiting = [...this.#wanted.values()].filter(({ ready }) => !ready);
    const mask = record === null || waiting.length === 0 ? String : this.#secrets.mask(record);
    const notes = waiting.map(({ id, note }) => `Instance "${id}" ${mask(note)}.`);
    return {
      spec: record?.spec ?? null,
      instances: record?.instances ?? 0,
      phase: slotPhase(record),
      reason: slotReason(record, { ready: this.ready, leaving: this.#leaving.size, notes, trouble: this.#trouble }),
      processes: [...this.#wanted.values(), ...this.#leaving.values()].map(({ status }) => status),
      labels: record?.labels ?? {},
    };
  }

  /** Takes over what an earlier supervisor started: it stays if it is wanted, and leaves in good order if not. */
  adopt({ entry, ready, alive }: Adopted): void {
    const record = this.#record;
    const wanted = record !== null && record.failure === null && record.ids.includes(entry.id);
    const instance = this.#instance(entry.id, record);
    if (alive) instance.adopt(entry, ready && wanted, wanted ? this.#secrets.environmentOrNone(record, entry.id, entry.port) : {});
    else instance.inherit(entry);
    if (wanted) {
      this.#wanted.set(entry.id, instance);
      if (!alive) instance.start();
    } else if (alive) {
      void this.#leave(instance, entry.drainMs);
    } else {
      this.#base.book.forgetInstance(entry.id);
    }
  }

  /** Brings the slot in line with its record: starts what is missing, lets go what is not wanted. */
  reconcile(): void {
    if (this.#letGo) return;
    const record = this.#record;
    if (record !== null) this.#drainMs = record.drainMs;
    const ids = record === null || record.failure !== null ? [] : record.ids;
    for (const [id, instance] of [...this.#wanted]) if (!ids.includes(id)) void this.#leave(instance, this.#drainMs);
    for (const id of ids) {
      if (this.#wanted.has(id)) continue;
      const instance = this.#instance(id, record);
      this.#wanted.set(id, instance);
      instance.start();
    }
    this.#watchDeadline(record);
    this.#noteReady();
  }

  /** Ends every process, without waiting for requests in flight. */
  async endAll(): Promise<void> {
    this.letGo();
    await Promise.all([...this.#wanted.values(), ...this.#leaving.values()].map((instance) => this.#end(instance)));
  }

  /** Stops probing and restarting; processes go on. */
  letGo(): void {
    this.#letGo = true;
    clearTimeout(this.#deadline?.timer);
    for (const instance of [...this.#wanted.values(), ...this.#leaving.values()]) instance.letGo();
  }

  get #record(): SlotRecord | null {
    return serviceOf(this.#base.store.current, this.#service).slots[this.#slot];
  }

  get #inUse(): boolean {
    return inUse(serviceOf(this.#base.store.current, this.#service), this.#slot);
  }

  /** A new instance by a record; without one it can only leave. */
  #instance(id: string, record: SlotRecord | null): Instance {
    const { store, paths, artifacts, watch, book } = this.#base;
    const spec = record?.spec;
    const plan = {
      id,
      sandbox: store.current.id,
      command: spec?.command ?? [],
      directory: artifactDirectory(artifacts, spec?.digest ?? ""),
      log: paths.instanceLog(id),
      readiness: spec?.readiness ?? NEVER,
      liveness: spec?.liveness ?? null,
      startGraceMs: record?.progressDeadlineMs ?? 0,
    };
    const host: InstanceHost = {
      watch,
      reserved: () => reservedPorts(store.current),
      environment: (port) => {
        if (record === null) throw new Error("is not wanted");
        return this.#secrets.environment(record, id, port);
      },
      spawned: ({ status: { port, startedAt, restarts } }, process) => {
        book.recordInstance({ id, service: this.#service, slot: this.#slot, process, port, startedAt, restarts, drainMs: this.#drainMs });
        this.#base.router.nudge();
      },
      // A slot is called ready when the router has been told, so that whoever waited for it finds it there.
      readyChanged: () => {
        this.#base.router.nudge();
        void this.#base.router.push().catch(() => undefined).then(() => this.#noteReady());
      },
      ended: (instance, exit) => this.#ended(instance, exit),
      cannotStart: (instance, code) => {
        const { sentence, lasting } = startProblem(plan.command, plan.directory, code);
        instance.note = sentence;
        if (lasting) this.#giveUp(instance, sentence);
        else instance.restartIn(this.#decide(instance).delayMs);
      },
    };
    return new Instance(plan, host);
  }

  #decide(instance: Instance) {
    return restartDecision(instance.history(this.#record?.everReady ?? false), performance.now(), firstBackoff());
  }

  #ended(instance: Instance, exit: Exit): void {
    if (this.#letGo) return;
    this.#base.router.nudge();
    this.#base.log.write("warning", `instance "${instance.id}" ${describeExit(exit)}`);
    const problem = this.#record?.everReady === false ? shellProblem(instance.plan.command, exit) : undefined;
    if (problem !== undefined) return this.#giveUp(instance, problem.sentence);
    const { delayMs, limit } = this.#decide(instance);
    if (limit === null) return instance.restartIn(delayMs);
    this.#giveUp(instance, `Instance "${instance.id}" does not stay up: ${limit}; at last it ${instance.note}.`);
  }

  /** Gives the slot up, unless it is in use: then the instance is tried again, as seldom as the back-off goes. */
  #giveUp(instance: Instance, why: string): void {
    const again = () => {
      if (this.#inUse) this.#trouble = `${why} The slot has traffic or is live, so it is not given up but tried again every ${formatDuration(MAX_BACKOFF)}.`;
      instance.restartIn(MAX_BACKOFF);
    };
    if (this.#inUse) return again();
    this.#fail(`${why}${this.#logEnd(instance)}`, again);
  }

  #fail(reason: string, otherwise: () => void): void {
    const record = this.#record;
    if (record === null) return;
    const { store, log } = this.#base;
    const masked = this.#secrets.mask(record)(reason);
    recordFailure(store, { service: this.#service, slot: this.#slot, ids: record.ids }, masked).then(
      (recorded) => {
        if (!recorded) return otherwise();
        log.write("warning", `slot "${this.#slot}" of service "${this.#service}" is given up`, { reason: masked });
        this.reconcile();
      },
      (error: unknown) => {
        log.write("error", `slot "${this.#slot}" of service "${this.#service}" cannot be given up`, { reason: String(error) });
        otherwise();
      },
    );
  }

  #logEnd(instance: Instance): string {
    const record = this.#record;
    const lines = record === null ? [] : tailOf(instance.plan.log, LOG_LINES, this.#secrets.mask(record));
    return lines.length === 0 ? " Its log is empty." : ` Its log ends with:\n${lines.map((line) => `  ${line}`).join("\n")}`;
  }

  #watchDeadline(record: SlotRecord | null): void {
    const key = record === null || record.failure !== null || record.everReady || record.instances === 0 ? undefined : `${record.since} ${record.progressDeadlineMs}`;
    if (key !== undefined && key === this.#deadline?.key) return;
    clearTimeout(this.#deadline?.timer);
    this.#deadline = undefined;
    if (key === undefined || record === null) return;
    const due = Math.max(Date.parse(record.since) + record.progressDeadlineMs, this.#begun + Math.min(record.progressDeadlineMs, AFTER_ADOPTION));
    const timer = setTimeout(() => this.#overdue(record), Math.max(0, due - Date.now()));
    this.#deadline = { key, timer };
  }

  #overdue(record: SlotRecord): void {
    this.#deadline = undefined;
    const late = [...this.#wanted.values()].find(({ everReady }) => !everReady);
    // Ready, and only the router has not been told yet.
    if (late === undefined && this.#wanted.size === record.instances) return this.#noteReady();
    const detail = late === undefined ? "" : ` Instance "${late.id}" ${late.note}.${this.#logEnd(late)}`;
    const reason = `Not every instance was ready within ${formatDuration(record.progressDeadlineMs)}: ${this.ready} of ${record.instances} are.${detail}`;
    this.#fail(reason, () => (this.#trouble = this.#secrets.mask(record)(reason)));
  }

  #noteReady(): void {
    const record = this.#record;
    if (this.ready === this.#wanted.size) this.#trouble = null;
    if (record === null || record.everReady || record.failure !== null || record.ids.length === 0 || this.#letGo) return;
    if (!record.ids.every((id) => this.#wanted.get(id)?.everReady === true)) return;
    recordReady(this.#base.store, { service: this.#service, slot: this.#slot, ids: record.ids }).then(
      () => this.#watchDeadline(this.#record),
      (error: unknown) => this.#base.log.write("error", "readiness cannot be recorded", { reason: String(error) }),
    );
  }

  /** An instance leaves: first the router, then what is in flight, then its process. */
  async #leave(instance: Instance, drainMs: number): Promise<void> {
    this.#wanted.delete(instance.id);
    this.#leaving.set(instance.id, instance);
    instance.quiesce();
    const { router } = this.#base;
    let over = false;
    const cancelled = () => over || this.#letGo;
    await Promise.race([instance.whenGone(), taken(router, cancelled).then(() => drained(router, instance.id, drainMs, cancelled))]);
    over = true;
    if (!this.#letGo) await this.#end(instance);
  }

  async #end(instance: Instance): Promise<void> {
    await instance.end();
    this.#wanted.delete(instance.id);
    this.#leaving.delete(instance.id);
    this.#base.book.forgetInstance(instance.id);
  }
}

const NEVER = { tcp: true, interval: "1s", timeout: "1s", successes: 1, failures: 1 } as const;
