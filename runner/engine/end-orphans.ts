import { readFileSync, readdirSync } from "node:fs";
import { basename } from "node:path";

/*
 * An engine that is killed takes nobody with it: Pulumi's language host looks for its engine only every few minutes, and the program that it
 * runs waits for it. Both would stay behind after every such kill, so the next run on the stack ends them. Linux only; elsewhere they end by themselves.
 */

interface Row {
  readonly pid: number;
  readonly parent: number;
  readonly command: readonly string[];
}

/**
 * Ends the language hosts, programs and plugins of engines that are dead, among those that worked on this stack of this home.
 * One whose engine lives is never touched.
 * @returns their process ids.
 */
export function endOrphans(home: string, stack: string): number[] {
  const ended: number[] = [];
  // What a language host ran is an orphan only once its host has ended.
  for (let pass = 0; pass < 3; pass += 1) {
    const orphans = engineHelpers(home, stack).filter(({ parent }) => !isEngineOrHelper(parent));
    if (orphans.length === 0) break;
    for (const { pid } of orphans) {
      try {
        process.kill(pid, "SIGKILL");
        ended.push(pid);
      } catch {
        // It has ended by itself.
      }
    }
  }
  return ended;
}

function engineHelpers(home: string, stack: string): Row[] {
  if (process.platform !== "linux") return [];
  return readdirSync("/proc").flatMap((entry) => {
    if (!/^\d+$/.test(entry)) return [];
    const row = read(Number(entry));
    if (row === undefined || !isHelper(row.command)) return [];
    try {
      const variables = new Set(readFileSync(`/proc/${entry}/environ`, "utf8").split("\0"));
      return variables.has(`MISSION_HOME=${home}`) && variables.has(`PULUMI_OPTION_STACK=${stack}`) ? [row] : [];
    } catch {
      return []; // Not ours to look at, or gone.
    }
  });
}

function isHelper(command: readonly string[]): boolean {
  return basename(command[0] ?? "") === "pulumi-language-nodejs" || command.some((part) => part.endsWith("/@pulumi/pulumi/cmd/run/index.js") || part.endsWith("/@pulumi/pulumi/cmd/run") || part.endsWith("/sandbox/provider/main.js"));
}

function isEngineOrHelper(pid: number): boolean {
  const row = read(pid);
  return row !== undefined && (basename(row.command[0] ?? "") === "pulumi" || isHelper(row.command));
}

function read(pid: number): Row | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (fields[0] === "Z") return undefined;
    return { pid, parent: Number(fields[1]), command: readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0") };
  } catch {
    return undefined;
  }
}
