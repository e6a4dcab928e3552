import { readFile, realpath, stat } from "node:fs/promises";
import { join } from "node:path";
import { errorCode } from "../../artifacts/artifact-error.js";
import type { Application } from "../../model/application.js";
import { show, type Diagnostic } from "../../model/diagnostic.js";
import { applicationFromPackage } from "./application-from-package.js";
import { isInside } from "./inside.js";
import { parseMissionYaml } from "./parse-mission-yaml.js";

/** The file that describes an application, beside its code. */
export const MISSION_YAML = "mission.yaml";

/** An application, or everything that is wrong with its description. */
export type ReadResult =
  | { readonly application: Application; readonly diagnostics: readonly [] }
  | { readonly application: null; readonly diagnostics: readonly Diagnostic[] };

/**
 * Reads what a codebase is: from `configFile`, or else its `mission.yaml`, or else its package.json. Changes and runs nothing.
 * @param configFile path of another mission.yaml, relative to the working directory
 */
export async function readApplication(codebase: string, configFile?: string): Promise<ReadResult> {
  const root = await realpath(codebase).catch(() => null);
  if (root === null || !(await isFolder(root))) return refused([{ path: codebase, message: "is not a folder; name the folder of a codebase." }]);
  const text = await readText(configFile ?? join(root, MISSION_YAML));
  if (typeof text !== "string" && text.code !== "ENOENT") return refused([{ path: configFile ?? MISSION_YAML, message: `cannot be read (${text.code}); make it a readable file.` }]);
  if (typeof text !== "string" && configFile !== undefined) return refused([{ path: configFile, message: "does not exist; correct the path." }]);
  const read = typeof text === "string" ? parseMissionYaml(text, configFile ?? MISSION_YAML) : await applicationFromPackage(root);
  if (read.application === null) return read;
  const diagnostics = await pathsOutside(root, read.application, configFile ?? MISSION_YAML);
  return diagnostics.length > 0 ? refused(diagnostics) : read;
}

async function pathsOutside(root: string, application: Application, file: string): Promise<Diagnostic[]> {
  const checks = Object.entries(application.services).map(async ([name, { artifact = ".", image }]) => {
    const [key, path, allowed] = image === undefined ? ["artifact", artifact, "a folder below the codebase, such as dist"] : ["image.digestFile", image.digestFile, "a file below the codebase, such as build/image.json"];
    if (await isInside(root, path)) return [];
    return [{ path: `${file}:services.${name}.${key}`, message: `is ${show(path)}, a path outside the project; allowed is ${allowed}.` }];
  });
  return (await Promise.all(checks)).flat();
}

async function readText(path: string): Promise<string | { readonly code: string }> {
  return readFile(path, "utf8").catch((error: unknown) => ({ code: errorCode(error) ?? String(error) }));
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path)).isDirectory();
}

function refused(diagnostics: readonly Diagnostic[]): ReadResult {
  return { application: null, diagnostics };
}
