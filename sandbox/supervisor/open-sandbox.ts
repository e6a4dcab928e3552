import { randomBytes } from "node:crypto";
import { chmodSync, mkdirSync, readdirSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { createWhole, writeDurably } from "../process/atomic-file.js";
import { isAlive } from "../process/identity.js";
import { takeLock, type Lock } from "../process/lock.js";
import { scanMarked } from "../process/scan.js";
import { sandboxPaths, type SandboxPaths } from "./paths.js";
import { readBook } from "./process-book.js";
import { BrokenState, newSandboxId, newState, readState } from "./state-file.js";
import type { State } from "./state.js";

/** A sandbox that is this process's alone. */
export interface OpenSandbox {
  readonly paths: SandboxPaths;
  readonly lock: Lock;
  readonly state: State;
  readonly token: string;
}

/** Makes the directory of a sandbox where there is none. Mode 0700, whatever it was. */
export function sandboxAt(directory: string): SandboxPaths {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const paths = sandboxPaths(realpathSync(directory));
  chmodSync(paths.directory, 0o700);
  mkdirSync(paths.logs, { recursive: true, mode: 0o700 });
  return paths;
}

/**
 * Takes a sandbox: its lock, its state, its token. Undefined when another supervisor has it.
 * @throws BrokenState when what is recorded cannot be believed; nothing is changed then
 */
export async function openSandbox(paths: SandboxPaths, artifacts: string): Promise<OpenSandbox | undefined> {
  const lock = takeLock(paths.directory);
  if (lock === undefined) return undefined;
  try {
    const recorded = readState(paths);
    const state = recorded === undefined ? newState(paths.directory, artifacts) : here(paths, { ...recorded, artifacts });
    removeUnfinished(paths);
    if (JSON.stringify(state) !== JSON.stringify(recorded)) await writeDurably(paths.state, `${JSON.stringify(state, null, 1)}\n`);
    createWhole(paths.token, randomBytes(32).toString("hex"));
    return { paths, lock, state, token: readFileSync(paths.token, "utf8").trim() };
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** A sandbox that was moved or copied is another one: the processes of the first must not be taken for its own. */
function here(paths: SandboxPaths, state: State): State {
  if (state.directory === paths.directory) return state;
  const { entries } = readBook(paths.processes);
  const recorded = [entries.router, entries.database, ...Object.values(entries.instances).map((entry) => entry.process)];
  const running = scanMarked(state.id).length > 0 || recorded.some((process) => process !== null && isAlive(process));
  if (running) {
    throw new BrokenState(`The sandbox in "${paths.directory}" was moved or copied from "${state.directory}" and processes of that one still run; stop them there first, or remove this directory.`);
  }
  rmSync(paths.processes, { force: true });
  return { ...state, id: newSandboxId(), directory: paths.directory };
}

/** What a process that was killed while it wrote has left. */
function removeUnfinished(paths: SandboxPaths): void {
  for (const name of readdirSync(paths.directory)) {
    if (/\.new$|^(lock-\d+|key|token)\.\d+$/.test(name)) rmSync(`${paths.directory}/${name}`, { force: true });
  }
}
