import { setTimeout as sleep } from "node:timers/promises";
import { isAlive, type ProcessIdentity } from "./identity.js";
import { scanMarked } from "./scan.js";

/** Milliseconds between the polite signal and SIGKILL. */
export const GRACE = 10_000;

/** How a process is ended. */
export interface EndOptions {
  /** Sent first, to the whole process group. */
  readonly signal: NodeJS.Signals;
  /** Milliseconds until SIGKILL. */
  readonly graceMs: number;
  /** The signal goes to this process only, which leads no group. */
  readonly alone?: boolean;
  /** Finds what the process left behind in its group or elsewhere: processes with this sandbox's marker and instance id. */
  readonly leftovers?: { readonly sandbox: string; readonly instance: string };
}

/** Ends a process and everything it started: a signal to its group, SIGKILL when the grace is over. Resolves when nothing is left. */
export async function endProcess(identity: ProcessIdentity, options: EndOptions): Promise<void> {
  const deadline = performance.now() + options.graceMs;
  const signal = (name: NodeJS.Signals) => (options.alone === true ? signalOne(identity, name) : signalGroup(identity, name));
  signal(options.signal);
  while (isAlive(identity) && performance.now() < deadline) await sleep(25);
  if (isAlive(identity)) signal("SIGKILL");
  if (options.leftovers !== undefined) {
    const { sandbox, instance } = options.leftovers;
    while (left(sandbox, instance).length > 0 && performance.now() < deadline) await sleep(100);
    killLeftovers(sandbox, instance);
  }
  while (isAlive(identity)) await sleep(10);
}

/** SIGKILL to everything that an instance left behind. Each process is recognised by its environment, never by a number alone. */
export function killLeftovers(sandbox: string, instance: string): void {
  for (const each of left(sandbox, instance)) signalOne(each, "SIGKILL");
}

/** SIGKILL to one process, if exactly that one still runs. */
export function killProcess(identity: ProcessIdentity): void {
  if (isAlive(identity)) send(identity.pid, "SIGKILL");
}

/** A signal to the group of a process, if exactly that process still runs. */
export function signalGroup(identity: ProcessIdentity, signal: NodeJS.Signals): void {
  if (isAlive(identity)) send(-identity.pid, signal);
}

/** A signal to one process, if exactly that process still runs. */
export function signalOne(identity: ProcessIdentity, signal: NodeJS.Signals): void {
  if (isAlive(identity)) send(identity.pid, signal);
}

function left(sandbox: string, instance: string) {
  return scanMarked(sandbox).filter((each) => each.instance === instance);
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended by itself.
  }
}
