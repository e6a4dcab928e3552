import { realpathSync } from "node:fs";
import { isAlive } from "../process/identity.js";
import { scanMarked } from "../process/scan.js";
import type { SandboxState } from "../protocol.js";
import { UNKNOWN_BUILD } from "../supervisor/build.js";
import { sandboxPaths, type SandboxPaths } from "../supervisor/paths.js";
import { readBook } from "../supervisor/process-book.js";
import { sandboxState } from "../supervisor/sandbox-state.js";
import { slotPhase } from "../supervisor/slot-status.js";
import { readState } from "../supervisor/state-file.js";
import { serviceOf } from "../supervisor/state.js";

/** The files of a sandbox that exists; undefined where there is none. */
export function existing(directory: string): SandboxPaths | undefined {
  try {
    return sandboxPaths(realpathSync(directory));
  } catch {
    return undefined;
  }
}

/**
 * What a sandbox has recorded, read from the disk without starting anything; undefined when there is no such sandbox. Nothing is known of
 * processes then: every slot has none, and no instance is ready.
 * @throws BrokenState when what is recorded cannot be believed
 */
export async function readOffline(directory: string): Promise<SandboxState | undefined> {
  const paths = existing(directory);
  const state = paths && readState(paths);
  if (state === undefined) return undefined;
  return sandboxState(state, {
    build: UNKNOWN_BUILD,
    supervisor: { pid: 0 },
    router: null,
    database: state.database && { port: state.database.port, pid: null, ready: false },
    alarmValue: () => null,
    slot: (service, slot) => {
      const held = serviceOf(state, service).slots[slot];
      return { spec: held?.spec ?? null, instances: held?.instances ?? 0, phase: slotPhase(held), reason: held?.failure ?? null, processes: [], labels: held?.labels ?? {} };
    },
  });
}

/** Pids of a sandbox's processes that run, the supervisor's not included; `id` is its marker, where it is known. */
export function runningProcesses(paths: SandboxPaths, id: string | undefined): Set<number> {
  const { entries } = readBook(paths.processes);
  const recorded = [entries.router, entries.database, ...Object.values(entries.instances).map(({ process }) => process)];
  const pids = recorded.flatMap((each) => (each !== null && isAlive(each) ? [each.pid] : []));
  return new Set([...pids, ...(id === undefined ? [] : scanMarked(id).map(({ pid }) => pid))]);
}
