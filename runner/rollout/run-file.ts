import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { parseDocument } from "yaml";
import { isDead, ownerOf, ownName } from "../../artifacts/owner.js";
import { missionHome } from "../../sandbox/home.js";
import { engineEnvironment } from "../engine/engine-environment.js";
import { refuseLargeConfiguration } from "../engine/refuse-large-configuration.js";
import type { OpenStack } from "../engine/stack.js";
import { replaceFile } from "../replace-file.js";

/**
 * Does something with a stack whose configuration has some further keys, in a file of this run only: what is tracked, and what is kept, stays as it is.
 * @param entries by key, as `mission:rollout`; one that is undefined is left as the kept file has it
 * @param work gets the engine's environment, and the folder of the file, which is removed afterwards
 */
export async function withRunFile<T>(stack: OpenStack, entries: Readonly<Record<string, unknown>>, work: (environment: Readonly<Record<string, string>>, directory: string) => Promise<T>): Promise<T> {
  return inRunFolder(stack.name, async (file, directory) => {
    await copyFile(stack.file, file);
    await setConfiguration(stack.name, file, entries);
    return work({ ...stack.environment, ...engineEnvironment(stack.name, file) }, directory);
  });
}

/**
 * Writes some keys of a stack's configuration into a file of it.
 * @param entries by key; one that is undefined is left as it is
 * @throws UserError (usage) when the configuration would be larger than CONFIGURATION_LIMIT
 */
export async function setConfiguration(stack: string, file: string, entries: Readonly<Record<string, unknown>>): Promise<void> {
  const document = parseDocument(readFileSync(file, "utf8"));
  for (const [key, value] of Object.entries(entries)) {
    if (value !== undefined) document.setIn(["config", key], document.createNode(JSON.parse(JSON.stringify(value))));
  }
  await replaceFile(file, document.toString());
  await refuseLargeConfiguration(stack, file);
}

/**
 * Does something in a folder of this run only, which is removed afterwards, and with it those of runs that were killed.
 * @param work gets where a file of the stack would lie in it, and the folder
 */
export async function inRunFolder<T>(stack: string, work: (file: string, directory: string) => Promise<T>): Promise<T> {
  const runs = join(missionHome(), "runs");
  await removeLeftRuns(runs);
  const directory = join(runs, await ownName());
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  try {
    return await work(join(directory, `Pulumi.${stack}.yaml`), directory);
  } finally {
    rmSync(directory, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** A run that was killed leaves its configuration file. */
async function removeLeftRuns(runs: string): Promise<void> {
  for (const name of existsSync(runs) ? readdirSync(runs) : []) {
    const owner = ownerOf(name);
    if (owner !== null && (await isDead(owner))) rmSync(join(runs, name), { recursive: true, force: true });
  }
}
