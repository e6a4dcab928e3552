import { parseDocument } from "yaml";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { missionHome } from "../../sandbox/home.js";
import { EXIT, UserError } from "../errors.js";
import { endOrphans } from "./end-orphans.js";
import { engineEnvironment, projectRoot, stackFilePath } from "./engine-environment.js";
import { runEngine } from "./run-engine.js";
import { settle, type Settled } from "./settle.js";
import { syncStackFile, type StackOrigin } from "./stack-file.js";

/** A stack that is ready to be worked on. */
export interface OpenStack {
  readonly name: string;
  /** This machine's copy of its file. */
  readonly file: string;
  readonly environment: Readonly<Record<string, string>>;
  /** What a killed run had left and was put right. */
  readonly settled: Settled;
}

/**
 * Which environment a stack is: what its file says, else its name (`staging`, `*-staging`, `production`, `*-production`).
 * @throws UserError when neither tells.
 */
export function stackOrigin(stack: string): StackOrigin {
  for (const file of [join(projectRoot(), `Pulumi.${stack}.yaml`), stackFilePath(stack)]) {
    if (!existsSync(file)) continue;
    const environment = parseDocument(readFileSync(file, "utf8")).getIn(["config", "mission:environment"]);
    if (environment === "staging" || environment === "production") return { stack, environment };
  }
  for (const environment of ["staging", "production"] as const) {
    if (stack.endsWith(`-${environment}`)) return { stack, environment };
  }
  throw new UserError(EXIT.usage, `"${stack}" is no stack of ours: there is no file for it, and its name does not end with -staging or -production.`);
}

/** The project's name, from Pulumi.yaml. */
export function projectName(): string {
  return String(parseDocument(readFileSync(join(projectRoot(), "Pulumi.yaml"), "utf8")).get("name"));
}

/** Whether the backend has a stack of this name. Makes none. @throws UserError (missing) when the engine cannot tell */
export async function stackExists(name: string, environment: Readonly<Record<string, string>> = engineEnvironment(name)): Promise<boolean> {
  const listed = await runEngine(["stack", "ls", "--json"], { environment });
  if (listed.code !== 0) throw new UserError(EXIT.missing, `The engine cannot list the stacks: ${listed.stderr.trim()}`);
  const stacks = JSON.parse(listed.stdout) as { name: string }[];
  return stacks.some((stack) => stack.name === name || stack.name.endsWith(`/${name}`));
}

/** Makes a stack ready: its file on this machine, the stack itself in the backend, and nothing left behind by a killed run. */
export async function openStack(name: string, origin = stackOrigin(name)): Promise<OpenStack> {
  const file = await syncStackFile(origin);
  const environment = engineEnvironment(name, file);
  endOrphans(missionHome(), name);
  if (!(await stackExists(name, environment))) {
    const made = await runEngine(["stack", "init"], { environment });
    if (made.code !== 0 && !made.stderr.includes("already exists")) throw new UserError(EXIT.missing, `Stack "${name}" cannot be made: ${made.stderr.trim()}`);
  }
  return { name, file, environment, settled: await settle(name, projectName(), environment) };
}
