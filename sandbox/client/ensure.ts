import { setTimeout as sleep } from "node:timers/promises";
import { lockOwner } from "../process/lock.js";
import type { SandboxState } from "../protocol.js";
import { ownBuild, UNKNOWN_BUILD } from "../supervisor/build.js";
import { SandboxRefusal, SandboxUnreachable } from "./errors.js";
import { refusalOf, startSupervisor, type Started } from "./start.js";
import { ask } from "./wire.js";

/** Which sandbox. */
export interface SandboxPlace {
  /** Its directory; made where there is none. */
  readonly directory: string;
  /** Where the artifacts are, each in a folder named by its digest's 64 digits. */
  readonly artifacts: string;
}

/** Milliseconds until a supervisor must answer. One that is just stopping may still drain. */
const PATIENCE = 90_000;
/** Supervisors of ours that a signal may end before they answer. */
const MOST_KILLED = 5;

/**
 * Resolves when a supervisor of our own build answers; starts one where none does. Any number of callers may do so at once: one
 * supervisor gets the lock, the others end by themselves.
 * @throws SandboxRefusal with code "broken" and the reason when what is recorded cannot be believed
 * @throws SandboxUnreachable when no supervisor answers in time
 */
export async function ensureSupervisor({ directory, artifacts }: SandboxPlace): Promise<void> {
  const deadline = performance.now() + PATIENCE;
  let started: Started | undefined;
  let killed = 0;
  while (performance.now() < deadline) {
    const state = await answering(directory);
    if (state !== undefined && !isForeign(state.build)) return loserEnded(started, state.supervisor.pid, deadline);
    if (state !== undefined) await ask(directory, "POST", "/v1/stop", { traffic: false }).catch(() => undefined);
    const exit = started?.exit();
    // 0: another supervisor had the lock; it answers soon, or it was about to end.
    if (exit !== undefined && exit !== 0 && exit !== null) throw refusalOf(directory, started?.pid ?? 0);
    const free = started === undefined || exit !== undefined;
    if (state === undefined && free && lockOwner(directory) === undefined) {
      if (exit === null && (killed += 1) === MOST_KILLED) throw new SandboxUnreachable(`Supervisors of the sandbox in "${directory}" are killed as soon as they start; see "${directory}/logs/supervisor.log".`);
      started = startSupervisor(directory, artifacts);
    }
    await sleep(20);
  }
  const owner = lockOwner(directory);
  throw new SandboxUnreachable(owner === undefined ? `No supervisor of the sandbox in "${directory}" could be started; see "${directory}/logs/supervisor.log".` : `The supervisor of the sandbox in "${directory}" (process ${owner.pid}) does not answer; see "${directory}/logs/supervisor.log".`);
}

/**
 * Waits until a supervisor that we started in vain has seen that another one has the lock, and ended. One that comes late, after somebody has
 * stopped the sandbox, would find it free and bring it back.
 */
async function loserEnded(started: Started | undefined, winner: number, deadline: number): Promise<void> {
  while (started !== undefined && started.pid !== winner && started.exit() === undefined && performance.now() < deadline) await sleep(5);
}

async function answering(directory: string): Promise<SandboxState | undefined> {
  try {
    return (await ask(directory, "GET", "/v1/state")) as SandboxState;
  } catch (error) {
    if (error instanceof SandboxUnreachable || (error instanceof SandboxRefusal && (error.status === 503 || error.status === 401))) return undefined;
    throw error;
  }
}

function isForeign(build: string): boolean {
  const own = ownBuild();
  return build !== own && build !== UNKNOWN_BUILD && own !== UNKNOWN_BUILD;
}
