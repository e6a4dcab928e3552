import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { createHash } from "node:crypto";
import { parseDocument } from "yaml";

/** What names a folder as a policy pack. */
export const PACK_FILE = "PulumiPolicy.yaml";

/** Modules that one names by their path: `require("./x")`, `import("./x")`, `from "./x"`. Packages are no part of a pack. */
const MODULE = /(?:\brequire\s*\(|\bimport\s*\(|\bfrom\s*|\bimport\s*)\s*["'`](\.{1,2}\/[^"'`]+)["'`]/g;
const ENDINGS = ["", ".js", ".cjs", ".mjs", ".json", "/index.js"];

/** The module that the engine runs for a pack: `main` of its PulumiPolicy.yaml, else of its package.json, else index.js. It need not exist. */
export function packEntry(directory: string): string {
  const main = fieldOf(join(directory, PACK_FILE), "main") ?? fieldOf(join(directory, "package.json"), "main") ?? "index.js";
  return resolved(resolve(directory, main)) ?? resolve(directory, main);
}

/**
 * Names what a pack is: SHA-256 over the names and contents of every file in its folder that is not hidden, and of its entry with all modules that it takes in by their path,
 * wherever they are. Packages in node_modules are not in it: the lock file pins those.
 * @throws Error when a file cannot be read
 */
export function packDigest(directory: string): string {
  const root = realpathSync(directory);
  const files = [...new Set([...filesBelow(root), ...modulesOf(packEntry(root))])].map((file) => [relative(root, file).split(sep).join("/"), file] as const);
  const hash = createHash("sha256");
  for (const [name, file] of files.sort(([a], [b]) => (a < b ? -1 : 1))) {
    const content = readFileSync(file);
    hash.update(`${name}\0${content.length}\0`).update(content);
  }
  return `sha256:${hash.digest("hex")}`;
}

function filesBelow(folder: string, seen: ReadonlySet<string> = new Set([folder])): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    // What an editor leaves beside a file that is looked at is no part of it.
    if (name === "node_modules" || name.startsWith(".") || name.endsWith("~")) return [];
    // What a link leads to is what runs; one that leads nowhere cannot.
    const found = statSync(path, { throwIfNoEntry: false });
    if (found === undefined) return [];
    if (!found.isDirectory()) return found.isFile() ? [path] : [];
    const real = realpathSync(path);
    return seen.has(real) ? [] : filesBelow(path, new Set([...seen, real]));
  });
}

/** A module with all that it takes in; nothing when it is not there. */
function modulesOf(entry: string): string[] {
  const found = new Set<string>();
  const queue = [entry];
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    if (found.has(next) || !existsSync(next)) continue;
    found.add(next);
    for (const [, path = ""] of readFileSync(next, "utf8").matchAll(MODULE)) {
      const module = resolved(resolve(dirname(next), path));
      if (module !== undefined) queue.push(module);
    }
  }
  return [...found];
}

function resolved(path: string): string | undefined {
  return ENDINGS.map((ending) => `${path}${ending}`).find((each) => statSync(each, { throwIfNoEntry: false })?.isFile() === true);
}

function fieldOf(file: string, field: string): string | undefined {
  if (!existsSync(file)) return undefined;
  // JSON is YAML, too.
  const document = parseDocument(readFileSync(file, "utf8"));
  const value: unknown = document.errors.length > 0 ? undefined : document.get(field);
  return typeof value === "string" ? value : undefined;
}
