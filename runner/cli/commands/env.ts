import { openStack } from "../../engine/stack.js";
import type { Terminal } from "../terminal.js";

/** Prints shell assignments; `eval` makes the shell's own `pulumi` work on the stack as the runner does. */
export async function env(name: string, terminal: Terminal): Promise<void> {
  const stack = await openStack(name);
  for (const line of stack.settled) terminal.say(line);
  // The engine's cache of compiled code is no business of what else a person's shell runs.
  const { NODE_COMPILE_CACHE: _cache, ...environment } = stack.environment;
  const variables: Record<string, string> = { PATH: process.env["PATH"] ?? "", ...environment };
  for (const [variable, value] of Object.entries(variables)) terminal.print(`export ${variable}=${quote(value)}`);
  terminal.say(`# pulumi now works on stack "${name}", with ${stack.file}; this shell only.`);
}

/** A word for a POSIX shell. */
function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
