import { basename } from "node:path";
import { applicationSchema } from "../../model/application.js";
import { diagnose, show, type Diagnostic } from "../../model/diagnostic.js";
import { SMALLEST_MISSION_YAML } from "./parse-mission-yaml.js";
import type { ReadResult } from "./read-application.js";
import { hasScript, readPackage } from "./read-package.js";
import { startCommand } from "./start-command.js";

/** Leaves room for `-production` in the name of a stack. */
const LONGEST_NAME = 29;

/**
 * The application that a package.json alone describes: one service `web` that runs the whole codebase.
 *
 * - name: the package's, without its scope, in the letters that a name may have; without one, the folder's
 * - test, build: `npm test`, `npm run build`, when there are such scripts (the test that `npm init` writes is none)
 * - command: what `npm start` runs: the start script, else server.js; else `main`, else index.js
 *
 * @param root the codebase, as `realpath` gives it
 */
export async function applicationFromPackage(root: string): Promise<ReadResult> {
  const { content, diagnostics } = await readPackage(root);
  if (diagnostics.length > 0) return refused(diagnostics);
  if (content === null) return refused([missing("and there is no package.json to read the application from")]);
  const mistakes: Diagnostic[] = [];
  const name = applicationName(content.name ?? "") ?? applicationName(basename(root));
  if (name === null) mistakes.push({ path: "package.json:name", message: "gives no name for the application; allowed are lower-case letters, digits and dashes." });
  const start = await startCommand(root, content);
  if (start.outside !== undefined) mistakes.push({ path: "package.json:main", message: `is ${show(start.outside)}, a path outside the project; allowed is a file below the codebase.` });
  else if (start.command === null) mistakes.push(missing("and package.json has no start script, no main file that exists, and there is no server.js or index.js"));
  if (mistakes.length > 0) return refused(mistakes);
  const input = {
    name,
    test: hasScript(content, "test") && !content.scripts["test"]?.includes("no test specified") ? "npm test" : null,
    build: hasScript(content, "build") ? "npm run build" : null,
    services: { web: { command: start.command } },
  };
  const parsed = applicationSchema.safeParse(input);
  return parsed.success ? { application: parsed.data, diagnostics: [] } : refused(diagnose(parsed.error, input, "package.json:"));
}

/** A valid application name out of any text; null when nothing is left of it. */
export function applicationName(text: string): string | null {
  const plain = text
    .replace(/^@[^/]*\//, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-/, "");
  const name = (/^\d/.test(plain) ? `app-${plain}` : plain).slice(0, LONGEST_NAME).replace(/-$/, "");
  return name === "" ? null : name;
}

function missing(why: string): Diagnostic {
  return { path: "mission.yaml", message: `is missing, ${why}; write a mission.yaml with at least:\n\n${SMALLEST_MISSION_YAML}\n` };
}

function refused(diagnostics: readonly Diagnostic[]): ReadResult {
  return { application: null, diagnostics };
}
