import { readdir } from "node:fs/promises";
import { join, relative } from "node:path";
import { ArtifactError } from "../../artifacts/artifact-error.js";
import type { TreeOptions } from "../../artifacts/scan-tree.js";
import type { ArtifactStore } from "../../artifacts/store.js";
import type { Application } from "../../model/application.js";
import { EXIT, UserError } from "../errors.js";
import { isInside } from "./inside.js";

/**
 * Stores the artifact folder of every service; services that share a folder share an artifact.
 * @returns digests by artifact folder, as the application names it
 * @throws UserError (codebase) with every problem of every folder
 */
export async function storeArtifacts(root: string, application: Application, store: ArtifactStore, leaveOut: NonNullable<TreeOptions["leaveOut"]>): Promise<ReadonlyMap<string, string>> {
  const digests = new Map<string, string>();
  const problems: string[] = [];
  for (const folder of new Set(Object.values(application.services).map(({ artifact }) => artifact))) {
    try {
      digests.set(folder, await storeFolder(root, folder, store, leaveOut));
    } catch (error) {
      if (!(error instanceof ArtifactError)) throw error;
      problems.push(...error.problems.map((problem) => `${folder}: ${problem}`));
    }
  }
  if (problems.length > 0) throw new UserError(EXIT.codebase, [`The artifact of "${application.name}" cannot be stored:`, ...problems].join("\n  "));
  return digests;
}

async function storeFolder(root: string, folder: string, store: ArtifactStore, leaveOut: NonNullable<TreeOptions["leaveOut"]>): Promise<string> {
  // Again, after the build: it may have put a symbolic link there.
  if (!(await isInside(root, folder))) throw new ArtifactError(["is outside the project; allowed is a folder below the codebase."]);
  const path = join(root, folder);
  const names = await readdir(path).catch(() => null);
  if (names === null) throw new ArtifactError(["does not exist after the build; let the build make it, or correct `artifact` in mission.yaml."]);
  if (names.length === 0) throw new ArtifactError(["is empty after the build; let the build fill it, or correct `artifact` in mission.yaml."]);
  return store.put(path, relative(root, path) === "" ? { leaveOut } : {});
}
