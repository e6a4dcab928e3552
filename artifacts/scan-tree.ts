import { isUtf8 } from "node:buffer";
import type { Dirent } from "node:fs";
import { readdir, readlink, stat } from "node:fs/promises";
import { join } from "node:path";
import { ArtifactError, errorCode } from "./artifact-error.js";
import { linkProblem } from "./link-problem.js";
import { mapLimited } from "./map-limited.js";
import { checkReadable } from "./read-file-safely.js";

/** A file or a symbolic link below a folder; `path` is relative, with `/` between its parts. */
export type TreeEntry = { readonly path: string; readonly kind: "file" } | { readonly path: string; readonly kind: "symlink"; readonly target: string };

/** How large an artifact may be. */
export interface TreeLimits {
  /** Files and symbolic links. */
  readonly files: number;
  /** Bytes of all files together. */
  readonly bytes: number;
}

export const TREE_LIMITS: TreeLimits = { files: 200_000, bytes: 2 * 1024 ** 3 };

export interface TreeOptions {
  /** Whether a path (relative, with `/`) is no part of the artifact; for a folder, with all that is in it. Default: everything is a part. */
  readonly leaveOut?: (path: string, isFolder: boolean) => boolean;
  /** Default: TREE_LIMITS. */
  readonly limits?: TreeLimits;
}

/** Directories read, files read or written, at once. */
export const CONCURRENCY = 16;

/**
 * Every file and symbolic link below a folder, in bytewise order of their paths. Empty folders do not count.
 * @throws ArtifactError with every problem: something that is neither file, folder nor symbolic link, a name that cannot be a line of text,
 *   a link that leaves the folder or leads nowhere, a folder that cannot be read, or more files than the limit.
 */
export async function scanTree(root: string, options: TreeOptions = {}): Promise<TreeEntry[]> {
  const { files } = options.limits ?? TREE_LIMITS;
  if (!(await isFolder(root))) throw new ArtifactError([`"${root}" is not a folder; an artifact is a folder with the files that run.`]);
  const entries: TreeEntry[] = [];
  const problems: string[] = [];
  let level = [""];
  while (level.length > 0) {
    const found = await mapLimited(level, CONCURRENCY, (folder) => readFolder(root, folder, options.leaveOut ?? (() => false)));
    entries.push(...found.flatMap((each) => each.entries));
    problems.push(...found.flatMap((each) => each.problems));
    level = found.flatMap((each) => each.folders);
    if (entries.length > files) {
      throw new ArtifactError([`"${root}" holds more than ${files.toLocaleString("en")} files, the largest number allowed; leave out what does not run.`]);
    }
  }
  const targets = new Map(entries.map((entry) => [entry.path, entry.kind === "symlink" ? entry.target : null]));
  const folders = foldersOf(entries);
  for (const entry of entries) {
    const problem = entry.kind === "symlink" ? linkProblem(entry.path, targets, folders) : null;
    if (problem) problems.push(problem);
  }
  if (problems.length > 0) throw new ArtifactError([...problems, ...(await unreadableFiles(root, entries))].sort());
  return sortByPath(entries);
}

/** Looked for only when the tree is refused anyway, so that the refusal is complete. */
async function unreadableFiles(root: string, entries: readonly TreeEntry[]): Promise<string[]> {
  const files = entries.filter(({ kind }) => kind === "file");
  const problems = await mapLimited(files, CONCURRENCY, async ({ path }) =>
    checkReadable(join(root, path)).then(
      () => [],
      (error: Error) => [`"${path}" ${error.message}`],
    ),
  );
  return problems.flat();
}

interface Folder {
  readonly entries: TreeEntry[];
  readonly folders: string[];
  readonly problems: string[];
}

async function readFolder(root: string, folder: string, leaveOut: NonNullable<TreeOptions["leaveOut"]>): Promise<Folder> {
  const result: Folder = { entries: [], folders: [], problems: [] };
  let children: Dirent<Buffer>[];
  try {
    children = await readdir(join(root, folder), { withFileTypes: true, encoding: "buffer" });
  } catch (error) {
    result.problems.push(`"${folder || root}" cannot be read (${errorCode(error) ?? String(error)}); make it readable or remove it.`);
    return result;
  }
  for (const child of children) {
    const name = child.name.toString("utf8");
    const path = folder === "" ? name : `${folder}/${name}`;
    if (leaveOut(path, child.isDirectory())) continue;
    if (!isUtf8(child.name) || name.includes("\n")) result.problems.push(`${JSON.stringify(path)} has a line break in its name, or bytes that are not UTF-8; rename it.`);
    else if (child.isDirectory()) result.folders.push(path);
    else if (child.isFile()) result.entries.push({ path, kind: "file" });
    else if (child.isSymbolicLink()) await addLink(root, path, result);
    else result.problems.push(`"${path}" is ${special(child)}; allowed are files, folders and symbolic links. Remove it.`);
  }
  return result;
}

async function addLink(root: string, path: string, folder: Folder): Promise<void> {
  try {
    const target = await readlink(join(root, path), { encoding: "buffer" });
    if (isUtf8(target)) folder.entries.push({ path, kind: "symlink", target: target.toString("utf8") });
    else folder.problems.push(`"${path}" is a symbolic link whose target is not UTF-8; remove it.`);
  } catch (error) {
    folder.problems.push(`"${path}" cannot be read (${errorCode(error) ?? String(error)}); do not change the folder meanwhile.`);
  }
}

function special(child: Dirent<Buffer>): string {
  if (child.isSocket()) return "a socket";
  return child.isFIFO() ? "a named pipe" : "a device";
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

/** Folders that hold files or links, at any depth. */
export function foldersOf(entries: readonly TreeEntry[]): ReadonlySet<string> {
  const folders = new Set<string>();
  for (const { path } of entries) {
    for (let end = path.lastIndexOf("/"); end > 0; end = path.lastIndexOf("/", end - 1)) {
      const folder = path.slice(0, end);
      if (folders.has(folder)) break;
      folders.add(folder);
    }
  }
  return folders;
}

/** By the bytes of the path: JavaScript's own order is that of UTF-16, which differs. */
function sortByPath(entries: TreeEntry[]): TreeEntry[] {
  return entries
    .map((entry) => ({ entry, key: Buffer.from(entry.path) }))
    .sort((a, b) => Buffer.compare(a.key, b.key))
    .map(({ entry }) => entry);
}
