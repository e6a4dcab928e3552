import { basename } from "node:path";
import { isEngine, processesWith, readProcess, signalProcess, type ProcessRow } from "./processes.js";

/*
 * An engine that is killed takes nobody with it: Pulumi's language host looks for its engine only every few minutes, and the program that it
 * runs waits for it. Both would stay behind after every such kill, so the next run on the stack ends them. Linux only; elsewhere they end by themselves.
 */

/**
 * Ends the language hosts, programs and plugins of engines that are dead, among those that worked on this stack of this home.
 * One whose engine lives is never touched.
 * @returns their process ids.
 */
export function endOrphans(home: string, stack: string): number[] {
  const ended: number[] = [];
  // What a language host ran is an orphan only once its host has ended.
  for (let pass = 0; pass < 3; pass += 1) {
    const orphans = processesWith({ MISSION_HOME: home, PULUMI_OPTION_STACK: stack }).filter((row) => isHelper(row.command) && !isEngineOrHelper(row.parent));
    if (orphans.length === 0) break;
    for (const { pid } of orphans) if (signalProcess(pid, "SIGKILL")) ended.push(pid);
  }
  return ended;
}

function isHelper(command: readonly string[]): boolean {
  return basename(command[0] ?? "") === "pulumi-language-nodejs" || command.some((part) => part.endsWith("/@pulumi/pulumi/cmd/run/index.js") || part.endsWith("/@pulumi/pulumi/cmd/run") || part.endsWith("/sandbox/provider/main.js"));
}

function isEngineOrHelper(pid: number): boolean {
  const row: ProcessRow | undefined = readProcess(pid);
  return row !== undefined && (isEngine(row) || isHelper(row.command));
}
