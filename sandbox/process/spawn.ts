import { spawn, type ChildProcess } from "node:child_process";
import { closeSync } from "node:fs";
import { openLog } from "./log-file.js";
import { identify, type ProcessIdentity } from "./identity.js";

/** What is started. */
export interface SpawnRequest {
  /** The program and its arguments; no shell. */
  readonly command: readonly string[];
  readonly directory: string;
  /** The whole environment of the new process. */
  readonly environment: Readonly<Record<string, string>>;
  /** Gets standard output and standard error; appended to. */
  readonly log: string;
}

/** A started process, or the system's word why there is none (`ENOENT`, `EACCES`, ...). */
export type Spawned = { readonly ok: true; readonly identity: ProcessIdentity; readonly child: ChildProcess } | { readonly ok: false; readonly code: string };

/**
 * Starts a process that outlives this one: a session and process group of its own, no pipe to this process, output straight to a file.
 * @throws Error when the log cannot be opened.
 */
export async function spawnDetached(request: SpawnRequest): Promise<Spawned> {
  const [program, ...args] = request.command;
  const log = openLog(request.log);
  try {
    const child = spawn(program ?? "", args, { cwd: request.directory, env: { ...request.environment }, detached: true, stdio: ["ignore", log, log] });
    if (child.pid === undefined) {
      const [error] = await new Promise<[NodeJS.ErrnoException]>((resolve) => child.once("error", (reason) => resolve([reason])));
      return { ok: false, code: error.code ?? error.message };
    }
    child.on("error", () => undefined);
    child.unref();
    const identity = identify(child.pid);
    return identity === undefined ? { ok: false, code: "ESRCH" } : { ok: true, identity, child };
  } catch (error) {
    return { ok: false, code: (error as NodeJS.ErrnoException).code ?? String(error) };
  } finally {
    closeSync(log);
  }
}
