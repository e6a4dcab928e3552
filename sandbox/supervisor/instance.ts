import type { ChildProcess } from "node:child_process";
import { endProcess, GRACE, killLeftovers } from "../process/end.js";
import { freePort, isFree } from "../process/free-port.js";
import type { ProcessIdentity } from "../process/identity.js";
import { spawnDetached } from "../process/spawn.js";
import { describeExit, type Exit, type ExitWatch } from "../process/watch.js";
import type { InstanceStatus } from "../protocol.js";
import { failpoint } from "./failpoint.js";
import { InstanceProbes, type ProbePlan } from "./instance-probes.js";
import type { InstanceEntry } from "./process-book.js";
import { HEALTHY_AFTER, type RestartHistory } from "./restart-policy.js";

/** What an instance is to run; never changes. */
export interface InstancePlan extends ProbePlan {
  readonly id: string;
  readonly sandbox: string;
  readonly command: readonly string[];
  readonly directory: string;
  readonly log: string;
}

/** What an instance needs of its slot. */
export interface InstanceHost {
  readonly watch: ExitWatch;
  /** Ports that it must not be given. */
  reserved(): ReadonlySet<number>;
  /** Makes its environment. @throws Error with the reason why it cannot start now; then it is asked again. */
  environment(port: number): Readonly<Record<string, string>>;
  /** A process was started: to be recorded at once. */
  spawned(instance: Instance, process: ProcessIdentity): void;
  /** Ready, or not any more. */
  readyChanged(instance: Instance): void;
  /** It ended. The host calls `restartIn`, or not. */
  ended(instance: Instance, exit: Exit): void;
  /** The system does not start its command. The host calls `restartIn`, or not. */
  cannotStart(instance: Instance, code: string): void;
}

/** Ends that are kept to judge a crash loop by. */
const KEPT_ENDS = 20;
/** Times in a row that a start is repeated because somebody else took its port. */
const PORT_ATTEMPTS = 5;
/** Milliseconds until a start is tried again that waits for something. */
const RETRY = 200;

/** One instance of a slot: its process, its probes, its restarts. */
export class Instance {
  readonly plan: InstancePlan;
  readonly #host: InstanceHost;
  #process: ProcessIdentity | null = null;
  #port = 0;
  #startedAt = new Date().toISOString();
  #probes: InstanceProbes | undefined;
  #ready = false;
  #everReady = false;
  #readySince: number | null = null;
  #restarts = 0;
  #ends: number[] = [];
  #streak = 0;
  #portAttempts = 0;
  #timer: NodeJS.Timeout | undefined;
  #starting: Promise<void> = Promise.resolve();
  #lifeless = false;
  #leaving = false;
  #gone: Array<() => void> = [];
  #environment: Readonly<Record<string, string>> = {};
  /** What it waits for, what its last probe found, or how it ended. Not masked. */
  note = "is not started yet";

  constructor(plan: InstancePlan, host: InstanceHost) {
    this.plan = plan;
    this.#host = host;
  }

  get id(): string {
    return this.plan.id;
  }

  get ready(): boolean {
    return this.#ready;
  }

  /** Whether it was ready since this object was made, or was known to be when it was adopted. */
  get everReady(): boolean {
    return this.#everReady;
  }

  /** 0 before its first process was started. */
  get port(): number {
    return this.#port;
  }

  get status(): InstanceStatus {
    return { id: this.id, pid: this.#process?.pid ?? null, port: this.#port, ready: this.#ready, leaving: this.#leaving, startedAt: this.#startedAt, restarts: this.#restarts };
  }

  /** Its ends until now, for the restart policy. */
  history(everReady: boolean): RestartHistory {
    return { everReady, restarts: this.#restarts, ends: this.#ends, streak: this.#streak };
  }

  /** Takes over a running process that an earlier supervisor started. */
  adopt(entry: InstanceEntry, ready: boolean, environment: Readonly<Record<string, string>>): void {
    this.#port = entry.port;
    this.#startedAt = entry.startedAt;
    this.#restarts = entry.restarts;
    this.#environment = environment;
    this.#ready = ready;
    this.#everReady = ready;
    this.#readySince = ready ? performance.now() : null;
    this.note = "was adopted and not probed yet";
    this.#take(entry.process, null, ready);
  }

  /** Takes over the count of restarts of a process that ended while no supervisor was there. */
  inherit(entry: InstanceEntry): void {
    this.#restarts = entry.restarts + 1;
    this.#ends = [performance.now()];
  }

  /** Starts its first process. */
  start(): void {
    this.#startIn(0);
  }

  /** Starts it again after a while and counts that. */
  restartIn(delayMs: number): void {
    this.#restarts += 1;
    this.#streak += 1;
    this.#startIn(delayMs);
  }

  /** No probe and no restart any more; it stays what it is. */
  letGo(): void {
    clearTimeout(this.#timer);
    this.#probes?.stop();
  }

  /** It gets nothing new: no restart, no probe, not ready. Its process goes on. */
  quiesce(): void {
    this.#leaving = true;
    this.letGo();
    this.#ready = false;
  }

  /** Resolves when it has no process any more. */
  whenGone(): Promise<void> {
    return this.#process === null ? Promise.resolve() : new Promise((resolve) => this.#gone.push(resolve));
  }

  /** Ends its process and everything it started: SIGTERM to the group, SIGKILL after 10 s. */
  async end(): Promise<void> {
    this.quiesce();
    await this.#starting;
    if (this.#process !== null) await this.#terminate(this.#process);
    else killLeftovers(this.plan.sandbox, this.id);
  }

  #startIn(delayMs: number): void {
    clearTimeout(this.#timer);
    if (!this.#leaving) this.#timer = setTimeout(() => (this.#starting = this.#start()), delayMs);
  }

  async #start(): Promise<void> {
    if (this.#leaving || this.#process !== null) return;
    const port = await freePort(this.#host.reserved());
    try {
      this.#environment = this.#host.environment(port);
    } catch (error) {
      this.note = error instanceof Error ? error.message : String(error);
      return this.#startIn(RETRY);
    }
    if (this.#leaving) return;
    const { command, directory, log } = this.plan;
    const spawned = await spawnDetached({ command, directory, environment: this.#environment, log }).catch((error: NodeJS.ErrnoException) => ({ ok: false as const, code: error.code ?? error.message }));
    if (!spawned.ok) return this.#host.cannotStart(this, spawned.code);
    failpoint("instance-spawned");
    this.#port = port;
    this.#startedAt = new Date().toISOString();
    this.note = "was started and not probed yet";
    this.#host.spawned(this, spawned.identity);
    this.#take(spawned.identity, spawned.child, false);
  }

  #take(identity: ProcessIdentity, child: ChildProcess | null, ready: boolean): void {
    this.#process = identity;
    this.#host.watch.watch(identity, child, (exit) => void this.#exited(exit));
    if (this.#leaving) return;
    const target = { port: this.#port, directory: this.plan.directory, environment: () => ({ ...this.#environment, MISSION_ROLE: "probe" }) };
    this.#probes = new InstanceProbes(this.plan, target, ready, {
      note: (text) => (this.note = text),
      ready: (now) => this.#readyIs(now),
      lifeless: () => {
        this.#lifeless = true;
        this.#probes?.stop();
        this.#readyIs(false);
        void this.#terminate(identity);
      },
    });
  }

  #readyIs(ready: boolean): void {
    if (ready === this.#ready || this.#leaving) return;
    this.#ready = ready;
    this.#everReady ||= ready;
    if (ready) this.#readySince = performance.now();
    this.#host.readyChanged(this);
  }

  #terminate(identity: ProcessIdentity): Promise<void> {
    return endProcess(identity, { signal: "SIGTERM", graceMs: GRACE, leftovers: { sandbox: this.plan.sandbox, instance: this.id } });
  }

  async #exited(exit: Exit): Promise<void> {
    this.note = this.#lifeless ? "failed its liveness probe and was ended" : describeExit(exit);
    const healthyFor = this.#readySince === null ? null : performance.now() - this.#readySince;
    this.#lifeless = false;
    this.#process = null;
    this.#readySince = null;
    this.#probes?.stop();
    this.#readyIs(false);
    for (const resolve of this.#gone.splice(0)) resolve();
    if (this.#leaving) return;
    killLeftovers(this.plan.sandbox, this.id);
    if (healthyFor === null && this.#portAttempts < PORT_ATTEMPTS && !(await isFree(this.#port))) {
      this.#portAttempts += 1;
      return this.#startIn(0);
    }
    this.#portAttempts = 0;
    if (healthyFor !== null && healthyFor >= HEALTHY_AFTER) this.#streak = 0;
    this.#ends = [...this.#ends, performance.now()].slice(-KEPT_ENDS);
    if (!this.#leaving) this.#host.ended(this, exit);
  }
}
