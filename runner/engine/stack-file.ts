import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Document, isMap, parseDocument } from "yaml";
import { canonicalJson } from "../../model/digest.js";
import { UserError, EXIT } from "../errors.js";
import { replaceFile } from "../replace-file.js";
import { projectRoot, stackFilePath } from "./engine-environment.js";

/*
 * Tracked stack files say what an environment is. This machine works on an untracked copy, which also holds what only this machine
 * knows: its salt, its secrets, the release. A tracked file that changes is carried over key by key; what was set in the copy by hand stays.
 */

type Settings = Record<string, unknown>;

/** What a stack's own file starts from. */
export interface StackOrigin {
  readonly stack: string;
  readonly environment: "staging" | "production";
}

/** Keys that describe one application, not the environment; another application's stack does not inherit them. */
const APPLICATION_KEYS = ["mission:variables", "mission:release", "mission:rollout", "mission:gates"];

/**
 * Makes this machine's copy of a stack's file, or brings it up to date with the tracked file. Returns its path.
 * @throws UserError (usage) when one of the two is not valid YAML
 */
export async function syncStackFile(origin: StackOrigin): Promise<string> {
  const path = stackFilePath(origin.stack);
  const tracked = trackedSettings(origin);
  const basePath = join(dirname(path), `${origin.stack}.tracked.json`);
  const base = existsSync(basePath) ? (JSON.parse(readFileSync(basePath, "utf8")) as Settings) : {};
  const copy = existsSync(path) ? readDocument(path) : undefined;
  if (copy !== undefined && canonicalJson(base) === canonicalJson(tracked)) return path;

  const document = copy ?? new Document({ config: {} });
  if (!isMap(document.get("config"))) document.set("config", document.createNode({}));
  for (const key of new Set([...Object.keys(base), ...Object.keys(tracked)])) {
    if (canonicalJson(base[key] ?? null) === canonicalJson(tracked[key] ?? null)) continue;
    if (tracked[key] === undefined) document.deleteIn(["config", key]);
    else document.setIn(["config", key], document.createNode(tracked[key]));
  }
  await replaceFile(path, document.toString());
  await replaceFile(basePath, `${JSON.stringify(tracked, null, 2)}\n`);
  return path;
}

/**
 * What the tracked file of a stack says, and nothing that only this machine knows. Writes nothing.
 * @throws UserError (usage) when it is not valid YAML
 */
export function trackedStackFile(origin: StackOrigin): string {
  return new Document({ config: trackedSettings(origin) }).toString();
}

function trackedSettings({ stack, environment }: StackOrigin): Settings {
  const own = join(projectRoot(), `Pulumi.${stack}.yaml`);
  const inherited = join(projectRoot(), `Pulumi.${environment}.yaml`);
  if (existsSync(own)) return readSettings(own);
  const settings = readSettings(inherited);
  for (const key of APPLICATION_KEYS) delete settings[key];
  return settings;
}

function readSettings(path: string): Settings {
  const content = readDocument(path).toJS() as { config?: Settings } | null;
  return content?.config ?? {};
}

function readDocument(path: string): Document {
  const document = parseDocument(readFileSync(path, "utf8"));
  const mistakes = document.errors.map(({ message }) => message.trim());
  if (mistakes.length > 0) throw new UserError(EXIT.usage, `"${path}" is not valid YAML; correct it there:\n${mistakes.join("\n")}`);
  return document;
}
