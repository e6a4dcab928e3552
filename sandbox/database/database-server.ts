import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { baseEnvironment } from "../process/environment.js";
import { identify, isAlive, type ProcessIdentity } from "../process/identity.js";
import { tailOf } from "../process/log-file.js";
import { MARKER, scanMarked } from "../process/scan.js";
import { spawnDetached } from "../process/spawn.js";
import { describeExit, type ExitWatch } from "../process/watch.js";
import { failpoint } from "../supervisor/failpoint.js";
import type { SandboxPaths } from "../supervisor/paths.js";
import type { ProcessBook } from "../supervisor/process-book.js";
import { DATABASE_ENTRY } from "../supervisor/secret-entry.js";
import type { SecretVault } from "../supervisor/secret-vault.js";
import type { SupervisorLog } from "../supervisor/supervisor-log.js";
import { findBinaries, type Binaries } from "./binaries.js";
import { DATABASE, initialise, newPasswords } from "./initialise.js";
import { accepts, readPostmaster } from "./postmaster.js";
import { stopPostgres } from "./stop-postgres.js";

/** What the database's server needs. */
export interface DatabaseParts {
  readonly paths: SandboxPaths;
  readonly sandbox: string;
  readonly vault: SecretVault;
  readonly book: ProcessBook;
  readonly watch: ExitWatch;
  readonly log: SupervisorLog;
}

/** Durable, small; TCP on 127.0.0.1 only. */
const SETTINGS = ["listen_addresses=127.0.0.1", "unix_socket_directories=", "fsync=on", "shared_buffers=32MB", "max_connections=100", "logging_collector=off"];

const HEALTHY_AFTER = 60_000;
/** Milliseconds between two looks at a server that is well; its end is noticed at once. */
const LOOK = 5_000;

/** The one PostgreSQL server of a sandbox: a process of its own that outlives the supervisor. */
export class DatabaseServer {
  readonly #parts: DatabaseParts;
  #port: number | null = null;
  #process: ProcessIdentity | null = null;
  #ready = false;
  #failures = 0;
  #startedAt = 0;
  #binaries: Binaries | undefined;
  #timer: NodeJS.Timeout | undefined;
  #look: NodeJS.Timeout | undefined;
  #stopping = false;

  constructor(parts: DatabaseParts) {
    this.#parts = parts;
  }

  /** Null: the sandbox has none. */
  get status(): { readonly port: number; readonly pid: number | null; readonly ready: boolean } | null {
    return this.#port === null ? null : { port: this.#port, pid: this.#process?.pid ?? null, ready: this.#ready };
  }

  /** Whether it accepts connections and its address is known. */
  get ready(): boolean {
    return this.#ready && this.url !== null;
  }

  /** DATABASE_URL, password included; null when there is no database or its password is lost. */
  get url(): string | null {
    const password = this.#parts.vault.get(DATABASE_ENTRY)?.["app"];
    return this.#port === null || password === undefined ? null : `postgres://${DATABASE}:${password}@127.0.0.1:${this.#port}/${DATABASE}`;
  }

  /** What must be masked. */
  get passwords(): readonly string[] {
    return Object.values(this.#parts.vault.get(DATABASE_ENTRY) ?? {});
  }

  /** Makes the cluster if there is none yet. @throws NoDatabase, Error */
  async prepare(): Promise<void> {
    const { paths, vault } = this.#parts;
    this.#binaries ??= await findBinaries(`${paths.database}-lib`);
    if (existsSync(paths.database)) {
      if (vault.get(DATABASE_ENTRY) !== undefined) return;
      throw new Error(`PostgreSQL's data in "${paths.database}" are there but their password is not (no or another key file); restore the key, or remove that directory.`);
    }
    const passwords = newPasswords();
    await vault.set(DATABASE_ENTRY, { ...passwords });
    await initialise(this.#binaries, paths.database, passwords);
  }

  /** Adopts the server that runs or starts one. */
  async begin(port: number): Promise<void> {
    this.#stopping = false;
    this.#port = port;
    if (this.#process !== null) return;
    const found = this.#find();
    if (found === undefined) return this.#start();
    this.#parts.log.write("info", "adopted the database", { database: found.pid });
    this.#take(found, null);
  }

  /** Resolves with true when it accepts connections, with false when that takes longer. */
  async whenReady(limitMs: number): Promise<boolean> {
    const deadline = performance.now() + limitMs;
    while (!this.#ready && performance.now() < deadline) await sleep(25);
    return this.#ready;
  }

  /** The last lines of its log. */
  get lastWords(): string {
    return tailOf(this.#parts.paths.databaseLog, 3, String).join(" ");
  }

  /** Stops the server: open transactions are rolled back, what was committed is on the disk. */
  async stop(): Promise<void> {
    this.letGo();
    const process = this.#process;
    if (process !== null) await stopPostgres(process);
    this.#process = null;
    this.#ready = false;
    this.#port = null;
    this.#parts.book.record("database", null);
  }

  /** Ends a server that runs although the sandbox has no database: a supervisor was killed while it removed it. Its data stay until they are removed. */
  async endForgotten(): Promise<void> {
    const found = this.#find();
    if (found === undefined) return;
    this.#parts.log.write("warning", "a database that is not recorded is stopped", { database: found.pid });
    await stopPostgres(found);
    if (this.#process === null) this.#parts.book.record("database", null);
  }

  /** Removes a stopped server's data. */
  async removeData(): Promise<void> {
    await rm(this.#parts.paths.database, { recursive: true, force: true });
  }

  /** From now on its end is nobody's business; it goes on. */
  letGo(): void {
    this.#stopping = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#look);
  }

  /** The recorded server, one that was started without being recorded, or the one that holds the cluster's lock file and our marker. */
  #find(): ProcessIdentity | undefined {
    const { book, sandbox, paths } = this.#parts;
    if (book.database !== null && isAlive(book.database)) return book.database;
    const pid = readPostmaster(paths.database)?.pid;
    const marked = scanMarked(sandbox).filter(({ role, leader }) => role === "database" && leader);
    const found = marked.find((each) => each.pid === pid) ?? marked[0];
    return found === undefined ? undefined : identify(found.pid);
  }

  async #start(): Promise<void> {
    if (this.#stopping || this.#port === null) return;
    const { paths, sandbox, log, book } = this.#parts;
    try {
      this.#binaries ??= await findBinaries(`${paths.database}-lib`);
      const settings = [...SETTINGS, `port=${this.#port}`].flatMap((setting) => ["-c", setting]);
      const spawned = await spawnDetached({
        command: [...this.#binaries.prefix, this.#binaries.postgres, "-D", paths.database, ...settings],
        directory: paths.directory,
        environment: { ...baseEnvironment(), ...this.#binaries.environment, LC_ALL: "C", [MARKER]: sandbox, MISSION_ROLE: "database" },
        log: paths.databaseLog,
      });
      if (!spawned.ok) throw new Error(spawned.code);
      failpoint("database-spawned");
      book.record("database", spawned.identity);
      this.#startedAt = performance.now();
      log.write("info", "started the database", { database: spawned.identity.pid });
      this.#take(spawned.identity, spawned.child);
    } catch (error) {
      log.write("error", "the database cannot be started", { reason: error instanceof Error ? error.message : String(error) });
      this.#again();
    }
  }

  #take(identity: ProcessIdentity, child: Parameters<ExitWatch["watch"]>[1]): void {
    const { book, watch, log } = this.#parts;
    this.#process = identity;
    book.record("database", identity);
    watch.watch(identity, child, (exit) => {
      this.#process = null;
      this.#ready = false;
      clearTimeout(this.#look);
      if (this.#stopping) return;
      log.write("warning", `the database ${describeExit(exit)}; it is started again`, { database: identity.pid, lastWords: this.lastWords });
      if (performance.now() - this.#startedAt > HEALTHY_AFTER) this.#failures = 0;
      this.#again();
    });
    void this.#watchReady(identity);
  }

  #again(): void {
    const pause = Math.min(500 * 2 ** this.#failures, 30_000);
    this.#failures = Math.min(this.#failures + 1, 10);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#start(), this.#failures === 1 ? 0 : pause);
  }

  async #watchReady(identity: ProcessIdentity): Promise<void> {
    const postmaster = readPostmaster(this.#parts.paths.database);
    const ready = postmaster?.pid === identity.pid && postmaster.ready && this.#port !== null && (await accepts(this.#port));
    if (this.#process !== identity || this.#stopping) return;
    this.#ready = ready;
    this.#look = setTimeout(() => void this.#watchReady(identity), ready ? LOOK : 50);
  }
}
