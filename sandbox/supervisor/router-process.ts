import { rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { baseEnvironment } from "../process/environment.js";
import { endProcess } from "../process/end.js";
import { identify, isAlive, type ProcessIdentity } from "../process/identity.js";
import { MARKER, scanMarked } from "../process/scan.js";
import { spawnDetached } from "../process/spawn.js";
import { describeExit, type ExitWatch } from "../process/watch.js";
import { failpoint } from "./failpoint.js";
import type { SandboxPaths } from "./paths.js";
import type { ProcessBook } from "./process-book.js";
import type { RouterAdmin } from "./router-admin.js";
import type { SupervisorLog } from "./supervisor-log.js";

/** Pauses before a router is started again that died within a second, in milliseconds; one that ran longer is started at once. */
const PAUSES = [0, 50, 200, 500, 1_000, 2_000, 5_000];

/** What the router's process needs. */
export interface RouterProcessParts {
  readonly paths: SandboxPaths;
  readonly sandbox: string;
  readonly book: ProcessBook;
  readonly watch: ExitWatch;
  readonly log: SupervisorLog;
  readonly admin: RouterAdmin;
}

/** Keeps one router running: adopts the one that runs, starts one that does not. */
export class RouterProcess {
  readonly #parts: RouterProcessParts;
  #identity: ProcessIdentity | null = null;
  #quickDeaths = 0;
  #startedAt = 0;
  #stopping = false;
  /** Called when a router was started anew. */
  started: () => void = () => undefined;

  constructor(parts: RouterProcessParts) {
    this.#parts = parts;
  }

  /** Pid of the running router. */
  get pid(): number | null {
    return this.#identity?.pid ?? null;
  }

  /** Adopts the router that runs or starts one; `prepare` is called before that. */
  async begin(prepare: () => void): Promise<void> {
    const found = await this.#find();
    if (found === undefined) {
      prepare();
      return this.#start();
    }
    this.#parts.log.write("info", "adopted the router", { router: found.pid });
    this.#take(found);
  }

  /** Ends the router; it may finish what is in flight for `graceMs`. */
  async stop(graceMs: number): Promise<void> {
    this.#stopping = true;
    if (this.#identity !== null) await endProcess(this.#identity, { signal: "SIGTERM", graceMs });
    this.#identity = null;
    this.#parts.book.record("router", null);
    rmSync(this.#parts.paths.routerAdmin, { force: true });
  }

  /** From now on its end is nobody's business. */
  letGo(): void {
    this.#stopping = true;
  }

  /** The recorded router, or one that was started without being recorded. Of several the one that answers stays. */
  async #find(): Promise<ProcessIdentity | undefined> {
    const { book, admin, sandbox } = this.#parts;
    const recorded = book.router !== null && isAlive(book.router) ? [book.router] : [];
    const scanned = scanMarked(sandbox).filter(({ role, leader, pid }) => role === "router" && leader && pid !== recorded[0]?.pid);
    const candidates: ProcessIdentity[] = [...recorded, ...scanned.map(({ pid, start }) => ({ pid, start }))];
    if (candidates.length === 0) {
      // No marker to go by: believe the address file if what answers there knows our token and is who the file says.
      const state = await admin.state().catch(() => undefined);
      return state !== undefined && state.pid === admin.address()?.pid ? identify(state.pid) : undefined;
    }
    const answering = admin.address()?.pid;
    const kept = candidates.find(({ pid }) => pid === answering) ?? candidates[0];
    for (const other of candidates) if (other !== kept) await endProcess(other, { signal: "SIGTERM", graceMs: 1_000 });
    return kept;
  }

  async #start(): Promise<void> {
    const { paths, sandbox, book, log } = this.#parts;
    if (this.#stopping) return;
    rmSync(paths.routerAdmin, { force: true });
    const spawned = await spawnDetached({
      command: [process.execPath, join(__dirname, "..", "router", "main.js"), paths.directory],
      directory: paths.directory,
      environment: { ...baseEnvironment(), [MARKER]: sandbox, MISSION_ROLE: "router" },
      log: paths.routerLog,
    }).catch((error: NodeJS.ErrnoException) => ({ ok: false as const, code: error.code ?? error.message }));
    if (!spawned.ok) {
      log.write("error", "the router cannot be started", { reason: spawned.code });
      return void this.#later(1_000);
    }
    failpoint("router-spawned");
    this.#startedAt = performance.now();
    book.record("router", spawned.identity);
    log.write("info", "started the router", { router: spawned.identity.pid });
    this.#take(spawned.identity, spawned.child);
    this.started();
  }

  #take(identity: ProcessIdentity, child: Parameters<ExitWatch["watch"]>[1] = null): void {
    this.#identity = identity;
    this.#parts.book.record("router", identity);
    this.#parts.watch.watch(identity, child, (exit) => {
      this.#identity = null;
      if (this.#stopping) return;
      this.#quickDeaths = performance.now() - this.#startedAt < 1_000 ? this.#quickDeaths + 1 : 0;
      this.#parts.log.write("warning", `the router ${describeExit(exit)}; it is started again`, { router: identity.pid });
      void this.#later(PAUSES[Math.min(this.#quickDeaths, PAUSES.length - 1)] ?? 0);
    });
  }

  async #later(pauseMs: number): Promise<void> {
    if (pauseMs > 0) await sleep(pauseMs, undefined, { ref: false });
    await this.#start();
  }
}
