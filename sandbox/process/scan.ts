import { readdirSync, readFileSync } from "node:fs";
import { procStat, type ProcessIdentity } from "./identity.js";

/** Environment variable that every process of a sandbox carries; its value is the sandbox's id. */
export const MARKER = "MISSION_SANDBOX";

/** What a process of a sandbox is. A probe's command lives as long as the probe. */
export type ProcessRole = "router" | "database" | "instance" | "probe";

/** A running process that carries a sandbox's marker. */
export interface MarkedProcess extends ProcessIdentity {
  readonly role: ProcessRole | null;
  /** Id of the instance that it is or belongs to. */
  readonly instance: string | null;
  /** Whether it leads its session: the process that the supervisor started, not a child of it. */
  readonly leader: boolean;
  readonly environment: ReadonlyMap<string, string>;
}

/**
 * Every running process that carries the marker of a sandbox, oldest first. Empty where there is no /proc: there the recorded
 * processes are all that is known.
 */
export function scanMarked(sandbox: string): MarkedProcess[] {
  const needle = `${MARKER}=${sandbox}\0`;
  const found: MarkedProcess[] = [];
  for (const name of procEntries()) {
    const pid = Number(name);
    if (!Number.isInteger(pid) || pid === process.pid) continue;
    const text = environmentOf(pid);
    if (text === undefined || !(text.startsWith(needle) || text.includes(`\0${needle}`))) continue;
    const stat = procStat(pid);
    if (stat === undefined || stat.state === "Z" || stat.state === "X") continue;
    const environment = parse(text);
    found.push({
      pid,
      start: stat.start,
      leader: stat.session === pid,
      role: roleOf(environment.get("MISSION_ROLE")),
      instance: environment.get("MISSION_INSTANCE") ?? null,
      environment,
    });
  }
  return found.sort((a, b) => ticks(a) - ticks(b));
}

function ticks({ start }: ProcessIdentity): number {
  return Number(start.slice(start.lastIndexOf(":") + 1));
}

function procEntries(): string[] {
  try {
    return readdirSync("/proc");
  } catch {
    return [];
  }
}

function environmentOf(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/environ`, "utf8");
  } catch {
    return undefined;
  }
}

function parse(text: string): Map<string, string> {
  const pairs = text.split("\0").filter((line) => line.includes("="));
  return new Map(pairs.map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]));
}

function roleOf(text: string | undefined): ProcessRole | null {
  return text === "router" || text === "database" || text === "instance" || text === "probe" ? text : null;
}
