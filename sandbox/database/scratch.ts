import { spawn, type ChildProcess } from "node:child_process";
import { mkdtemp, realpath } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { removeTree } from "../../artifacts/remove-tree.js";
import { baseEnvironment } from "../process/environment.js";
import { isAlive } from "../process/identity.js";
import { NoDatabase } from "./binaries.js";
import { stopPostgres } from "./stop-postgres.js";
import type { GuardMessage } from "./scratch-guard.js";

/** A PostgreSQL server of its own that is thrown away. */
export interface ScratchDatabase {
  /** `postgres://user:password@127.0.0.1:port/database`; the role owns the database and is no superuser, as in an environment. Secret. */
  readonly url: string;
  /** Ends the server and removes its data. Can be called again. */
  stop(): Promise<void>;
}

/**
 * Starts an empty PostgreSQL server in a temporary folder, on a port of 127.0.0.1 that the system gives. It ends with `stop`, and also when
 * this process ends in whatever way: a guard, a process of its own, holds the server and watches a pipe to this one.
 * @throws NoDatabase when PostgreSQL cannot be run on this machine; Error with the server's last words when it does not start
 */
export async function startScratchDatabase(): Promise<ScratchDatabase> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), "mission-scratch-")));
  const guard = spawn(process.execPath, [join(__dirname, "scratch-guard.js"), folder], { env: baseEnvironment(), detached: true, stdio: ["pipe", "pipe", "ignore"] });
  const ended = new Promise<void>((resolve) => guard.once("close", () => resolve()).once("error", () => resolve()));
  guard.stdin.on("error", () => undefined);
  const message = await firstMessage(guard, ended);
  if ("error" in message) {
    await ended;
    await removeTree(folder);
    throw message.missing ? new NoDatabase(message.error) : new Error(message.error);
  }
  letGo(guard);
  const stop = async (): Promise<void> => {
    guard.ref();
    guard.stdin.end();
    await ended;
    // A guard that was killed has stopped nothing.
    if (isAlive(message.server)) await stopPostgres(message.server);
    await removeTree(folder);
  };
  let stopping: Promise<void> | undefined;
  return { url: message.url, stop: () => (stopping ??= stop()) };
}

/** The one line that a guard writes: the server's address, or why there is none. */
async function firstMessage(guard: ChildProcess, ended: Promise<void>): Promise<GuardMessage> {
  const line = new Promise<string | null>((resolve) => {
    if (guard.stdout !== null) createInterface({ input: guard.stdout }).once("line", resolve);
    void ended.then(() => resolve(null));
  });
  const text = await line;
  return text === null ? { error: "The scratch database's guard ended before it had started a server.", missing: false } : (JSON.parse(text) as GuardMessage);
}

/** A program that forgets to stop its scratch database is not kept from ending by it. */
function letGo(guard: ChildProcess): void {
  guard.unref();
  for (const stream of [guard.stdin, guard.stdout]) (stream as { unref?: () => void } | null)?.unref?.();
}
