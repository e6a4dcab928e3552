import { rm } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { lockOwner } from "../process/lock.js";
import { isAlive } from "../process/identity.js";
import { BrokenState, readState } from "../supervisor/state-file.js";
import { readBook } from "../supervisor/process-book.js";
import type { State } from "../supervisor/state.js";
import { ensureSupervisor } from "./ensure.js";
import { SandboxRefusal, SandboxUnreachable } from "./errors.js";
import { existing, runningProcesses } from "./offline.js";
import { ask } from "./wire.js";

/** Milliseconds that a supervisor may take to end: alone, and with everything else (requests in flight may take 10 minutes). */
const ALONE = 60_000;
const WITH_TRAFFIC = 15 * 60_000;

/**
 * Stops a sandbox: its supervisor, and with `traffic` also router, instances (when what is in flight has ended) and database. What is
 * recorded stays, and the next start brings everything back. Resolves when all that has ended; does nothing where nothing runs.
 * @throws SandboxRefusal with code "broken" when something runs and what is recorded cannot be believed
 */
export async function stopSandbox(directory: string, { traffic }: { readonly traffic: boolean }): Promise<void> {
  const paths = existing(directory);
  if (paths === undefined) return;
  if (traffic && lockOwner(directory) === undefined) {
    // Only a supervisor knows how to end what an earlier one left running.
    const state = believed(() => readState(paths));
    if (state === undefined || runningProcesses(paths, state.id).size === 0) return;
    await ensureSupervisor({ directory, artifacts: state.artifacts });
  }
  const owner = lockOwner(directory);
  if (owner === undefined) return;
  await ask(directory, "POST", "/v1/stop", { traffic }).catch((error: unknown) => {
    if (!(error instanceof SandboxUnreachable)) throw error;
  });
  const deadline = performance.now() + (traffic ? WITH_TRAFFIC : ALONE);
  while (isAlive(owner)) {
    if (performance.now() > deadline) throw new SandboxUnreachable(`The supervisor of the sandbox in "${directory}" (process ${owner.pid}) does not end; see "${paths.supervisorLog}".`);
    await sleep(20);
  }
}

/**
 * Removes a sandbox with everything that it has recorded, its database's data included. Does nothing where there is none.
 * @throws SandboxRefusal with code "in-use" while an instance of a slot with weight runs
 */
export async function removeSandbox(directory: string): Promise<void> {
  const paths = existing(directory);
  if (paths === undefined) return;
  let state: State | undefined;
  try {
    state = readState(paths);
  } catch (error) {
    if (!(error instanceof BrokenState) || runningProcesses(paths, undefined).size > 0) throw error;
  }
  const serving = state === undefined ? [] : servingSlots(state, paths.processes);
  if (serving.length > 0) throw new SandboxRefusal("in-use", `The sandbox in "${directory}" serves traffic with ${serving.join(", ")}; stop it first.`, 409);
  if (state !== undefined) await stopSandbox(directory, { traffic: true });
  await rm(directory, { recursive: true, force: true });
}

function servingSlots(state: State, processes: string): string[] {
  const running = Object.values(readBook(processes).entries.instances).filter((entry) => isAlive(entry.process));
  const slots = running.filter(({ service, slot }) => (state.services[service]?.split?.of(slot) ?? 0) > 0).map(({ service, slot }) => `"${service}" ${slot}`);
  return [...new Set(slots)];
}

function believed<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw error instanceof BrokenState ? new SandboxRefusal("broken", error.message, 0) : error;
  }
}
