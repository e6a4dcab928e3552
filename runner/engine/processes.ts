import { existsSync, readFileSync, readdirSync } from "node:fs";
import { basename } from "node:path";

/** A process as `/proc` shows it. */
export interface ProcessRow {
  readonly pid: number;
  readonly parent: number;
  readonly command: readonly string[];
}

/** Whether this system shows the processes of a user with their environment. Linux does. */
export const showsProcesses = existsSync("/proc/self/environ");

/** The running processes whose environment holds all of these variables with these values. Empty where the system does not show them. */
export function processesWith(variables: Readonly<Record<string, string>>): ProcessRow[] {
  if (!showsProcesses) return [];
  const wanted = Object.entries(variables).map(([name, value]) => `${name}=${value}`);
  return readdirSync("/proc").flatMap((entry) => {
    if (!/^\d+$/.test(entry)) return [];
    try {
      const environment = new Set(readFileSync(`/proc/${entry}/environ`, "utf8").split("\0"));
      const row = wanted.every((each) => environment.has(each)) ? readProcess(Number(entry)) : undefined;
      return row === undefined ? [] : [row];
    } catch {
      return []; // Not ours to look at, or gone.
    }
  });
}

/** A running process; undefined where there is none, or only its exit status is left of it. */
export function readProcess(pid: number): ProcessRow | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (fields[0] === "Z" || fields[0] === "X") return undefined;
    return { pid, parent: Number(fields[1]), command: readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0") };
  } catch {
    return undefined;
  }
}

/** Whether a process is the engine itself. */
export function isEngine({ command }: ProcessRow): boolean {
  return basename(command[0] ?? "") === "pulumi";
}

/** Sends a signal; false when the process has ended by itself. */
export function signalProcess(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}
