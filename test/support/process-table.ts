import { readFileSync, readdirSync } from "node:fs";

/** One process of this machine. */
export interface ProcessRow {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
}

/** Every process of this machine that this user may look at, zombies left out. Linux only. */
export function allProcesses(): ProcessRow[] {
  return readdirSync("/proc").flatMap((entry) => {
    if (!/^\d+$/.test(entry)) return [];
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, "utf8");
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      if (fields[0] === "Z") return [];
      return [{ pid: Number(entry), parent: Number(fields[1]), command: readFileSync(`/proc/${entry}/cmdline`, "utf8").replaceAll("\0", " ").trim() }];
    } catch {
      return []; // It ended meanwhile.
    }
  });
}

/** Processes whose environment holds `NAME=value`, among those this user may look at. Linux only. */
export function processesWith(name: string, value: string): ProcessRow[] {
  return allProcesses().filter(({ pid }) => {
    try {
      return readFileSync(`/proc/${pid}/environ`, "utf8").split("\0").includes(`${name}=${value}`);
    } catch {
      return false; // It ended meanwhile.
    }
  });
}

/** Waits until something is so, looking every 50 ms; fails with `what` after `limitMs`. */
export async function eventually(what: string, condition: () => boolean | Promise<boolean>, limitMs = 60_000): Promise<void> {
  const until = Date.now() + limitMs;
  while (!(await condition())) {
    if (Date.now() > until) throw new Error(`Not within ${limitMs / 1000} s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
