import { existsSync } from "node:fs";
import { join } from "node:path";
import { isInside } from "./inside.js";
import { hasScript, type Package } from "./read-package.js";

/** How a package starts: a command line, a program with its arguments, or nothing that is known; or a `main` that leaves the codebase. */
export type StartCommand = { readonly command: string | string[] | null; readonly outside?: undefined } | { readonly command?: undefined; readonly outside: string };

/**
 * What `npm start` would run in a codebase, the start script or else server.js; and if there is neither, its `main` or index.js.
 * @param root the codebase, as `realpath` gives it
 */
export async function startCommand(root: string, content: Package): Promise<StartCommand> {
  const script = startScript(content.scripts);
  if (script !== null) return { command: script };
  if (existsSync(join(root, "server.js"))) return { command: ["node", "server.js"] };
  const main = content.main || "index.js";
  if (!(await isInside(root, main))) return { outside: main };
  // Node finds the file behind these; a named one that is not there yet may be what the build makes.
  const exists = ["", ".js", ".cjs", "/index.js"].some((end) => existsSync(join(root, main + end)));
  return { command: exists || (content.main && hasScript(content, "build")) ? ["node", main] : null };
}

const OPERATORS = /[;&|<>()`\n{}]/;
const BUILTIN = /^(\.|:|!|\[|break|case|cd|command|eval|exec|exit|export|for|if|read|readonly|return|set|shift|source|test|time|times|trap|type|ulimit|umask|unset|until|wait|while)$/;
const ASSIGNMENT = /^[A-Za-z_]\w*=/;

/**
 * A command line that runs a package's start script the way npm does: after its prestart, with the programs of its packages on PATH.
 * A plain command replaces the shell, so that signals reach it. Null when there is no start script.
 */
export function startScript(scripts: Readonly<Record<string, string>>): string | null {
  const start = scripts["start"]?.trim() ?? "";
  const before = scripts["prestart"]?.trim() ?? "";
  if (start === "") return null;
  const path = 'export PATH="$PWD/node_modules/.bin:$PATH"';
  if (before !== "") return `${path}\n{ ${before}\n} || exit\n${start}`;
  return `${path}; ${replacingTheShell(start)}`;
}

function replacingTheShell(command: string): string {
  const words = command.split(/\s+/);
  const first = words.find((word) => !ASSIGNMENT.test(word));
  if (first === undefined || OPERATORS.test(command) || BUILTIN.test(first) || first.startsWith("#")) return command;
  // `exec` takes no assignments; `env` does.
  return ASSIGNMENT.test(words[0] ?? "") ? `exec env ${command}` : `exec ${command}`;
}
