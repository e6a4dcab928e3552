import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";

/**
 * A process that cannot be mistaken for a later one with the same pid: the pid and when it was started.
 * `start` is opaque: on Linux the boot and field 22 of /proc/<pid>/stat, elsewhere what `ps` says.
 */
export interface ProcessIdentity {
  readonly pid: number;
  readonly start: string;
}

const hasProc = existsSync("/proc/self/stat");
const boot = hasProc ? bootId() : "";

/** Who has this pid now; undefined when nobody has. A zombie still has its pid. */
export function identify(pid: number): ProcessIdentity | undefined {
  const start = hasProc ? procStat(pid)?.start : psStart(pid);
  return start === undefined ? undefined : { pid, start };
}

/** Whether exactly this process still runs. A zombie does not, nor does another process with its pid. */
export function isAlive(process: ProcessIdentity): boolean {
  if (!hasProc) return psStart(process.pid) === process.start;
  const stat = procStat(process.pid);
  return stat !== undefined && stat.start === process.start && stat.state !== "Z" && stat.state !== "X";
}

/** The parts of /proc/<pid>/stat that are used here. */
export interface ProcStat {
  readonly state: string;
  readonly session: number;
  readonly start: string;
}

/** Reads /proc/<pid>/stat; undefined where there is no such process or no /proc. */
export function procStat(pid: number): ProcStat | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, "latin1");
  } catch {
    return undefined;
  }
  // Field 2 is the program's name in parentheses and may hold spaces and parentheses itself.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const [state, session, ticks] = [fields[0], fields[3], fields[19]];
  if (state === undefined || session === undefined || ticks === undefined) return undefined;
  return { state, session: Number(session), start: `${boot}:${ticks}` };
}

function bootId(): string {
  try {
    return readFileSync("/proc/sys/kernel/random/boot_id", "latin1").trim();
  } catch {
    return "boot";
  }
}

function psStart(pid: number): string | undefined {
  try {
    const text = execFileSync("ps", ["-o", "stat=,lstart=", "-p", String(pid)], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"], env: { LC_ALL: "C", PATH: "/bin:/usr/bin" } }).trim();
    const match = /^(\S+)\s+(.+)$/.exec(text);
    return match === null || match[1]?.startsWith("Z") ? undefined : match[2];
  } catch {
    return undefined;
  }
}
