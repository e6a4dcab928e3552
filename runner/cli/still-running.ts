import { existsSync } from "node:fs";
import { sandboxDirectory } from "../../sandbox/home.js";
import type { Terminal } from "./terminal.js";

/** Says what a command leaves running on this machine, and how to end it; nothing for a stack without a sandbox. */
export function sayStillRunning(stack: string, terminal: Terminal): void {
  if (existsSync(sandboxDirectory(stack))) terminal.say(`The sandbox of "${stack}" keeps running; stop it with: ./mission sandbox stop ${stack}`);
}
