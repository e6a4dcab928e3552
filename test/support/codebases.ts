import { existsSync, realpathSync } from "node:fs";
import { chmod, cp, mkdir, mkdtemp, readFile, readlink, readdir, realpath, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join, relative, resolve } from "node:path";
import { removeTree } from "../../artifacts/remove-tree.js";

/** What a file of a codebase is: its text, or a link. */
export type FileContent = string | Buffer | { readonly link: string } | { readonly executable: string };

const made: string[] = [];

/** An empty folder below the system's temporary folder; `removeCodebases` removes it. */
export async function emptyFolder(purpose = "codebase"): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), `mission-${purpose}-`)));
  made.push(folder);
  return folder;
}

/** A new folder with some files, by their relative paths. */
export async function codebase(files: Readonly<Record<string, FileContent>>): Promise<string> {
  const folder = await emptyFolder();
  await addFiles(folder, files);
  return folder;
}

/** Writes files into a folder, over what is there. */
export async function addFiles(folder: string, files: Readonly<Record<string, FileContent>>): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    const file = join(folder, path);
    await mkdir(dirname(file), { recursive: true });
    if (typeof content === "string" || Buffer.isBuffer(content)) await writeFile(file, content);
    else if ("link" in content) await symlink(content.link, file);
    else {
      await writeFile(file, content.executable);
      await chmod(file, 0o755);
    }
  }
}

/** Removes every folder that this module has made; for `afterEach` or `after`. */
export async function removeCodebases(): Promise<void> {
  for (const folder of made.splice(0)) await removeTree(folder);
}

/** The folder of this project that holds node_modules. */
export function projectRoot(): string {
  for (let folder = __dirname; ; folder = dirname(folder)) {
    const packages = join(folder, "node_modules");
    if (existsSync(join(packages, "mocha"))) return dirname(realpathSync(packages));
    if (dirname(folder) === folder) throw new Error(`No node_modules with mocha above "${__dirname}"; run npm ci.`);
  }
}

interface Manifest {
  readonly version: string;
  readonly bin?: string | Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

export interface NpmServerOptions {
  /** Its start script, such as `http-server public`. */
  readonly start: string;
  /** Further files of the codebase. */
  readonly files?: Readonly<Record<string, FileContent>>;
  /** Folder whose node_modules has the package. Default: this project. */
  readonly root?: string;
}

/**
 * A codebase that serves with an unmodified npm package, as `npm install <name>` leaves one: package.json with a start script, and a
 * node_modules with exactly the package and what it depends on, copied from packages that are installed already.
 * @throws Error when the package, or something that it needs, is not installed
 */
export async function npmServerCodebase(name: string, { start, files = {}, root = projectRoot() }: NpmServerOptions): Promise<string> {
  const packages = await closure(name, root);
  const { version } = await manifestOf(join(root, "node_modules", name));
  const manifest = { name: `site-with-${name.replace(/^@.*\//, "")}`, version: "1.0.0", private: true, scripts: { start }, dependencies: { [name]: version } };
  const folder = await codebase({ ...files, "package.json": `${JSON.stringify(manifest, null, 2)}\n` });
  for (const each of packages) {
    await cp(each, join(folder, relative(root, each)), { recursive: true, verbatimSymlinks: true });
    await linkPrograms(each, folder, root);
  }
  return folder;
}

/** Folders of a package and of everything it needs to run, as node finds them from inside one another. */
async function closure(name: string, root: string): Promise<string[]> {
  const found = new Map<string, string>();
  const pending = [{ name, from: root, needed: true }];
  for (let next = pending.pop(); next; next = pending.pop()) {
    const folder = resolvePackage(next.name, next.from, root);
    if (folder === null && next.needed) throw new Error(`Package "${next.name}" is not installed below "${root}"; install it with: npm install --save-dev ${next.name}`);
    if (folder === null || found.has(folder)) continue;
    found.set(folder, folder);
    const { dependencies = {}, optionalDependencies = {}, peerDependencies = {} } = await manifestOf(folder);
    const optional = new Set([...Object.keys(optionalDependencies), ...Object.keys(peerDependencies)]);
    for (const each of [...Object.keys(dependencies), ...optional]) pending.push({ name: each, from: folder, needed: !optional.has(each) });
  }
  // What lies inside another package's folder is copied with it.
  const folders = [...found.keys()].sort();
  return folders.filter((folder) => !folders.some((other) => folder.startsWith(`${other}/`)));
}

function resolvePackage(name: string, from: string, root: string): string | null {
  for (let folder = from; ; folder = dirname(folder)) {
    const candidate = join(folder, "node_modules", name);
    if (basename(folder) !== "node_modules" && existsSync(join(candidate, "package.json"))) return candidate;
    if (folder === root || dirname(folder) === folder) return null;
  }
}

/** The links in node_modules/.bin, as npm makes them. */
async function linkPrograms(source: string, folder: string, root: string): Promise<void> {
  const programs = join(folder, "node_modules", ".bin");
  await mkdir(programs, { recursive: true });
  const { bin = {} } = await manifestOf(source);
  const names = typeof bin === "string" ? [basename(source)] : Object.keys(bin);
  const installed = join(root, "node_modules", ".bin");
  for (const program of names) {
    if (!existsSync(join(installed, program))) continue;
    const target = await readlink(join(installed, program));
    if (resolve(installed, target).startsWith(`${source}/`)) await symlink(target, join(programs, program));
  }
}

async function manifestOf(folder: string): Promise<Manifest> {
  return JSON.parse(await readFile(join(folder, "package.json"), "utf8")) as Manifest;
}

/** Relative paths of everything below a folder, in order; folders end in `/`. */
export async function listing(folder: string): Promise<string[]> {
  const children = await readdir(folder, { recursive: true, withFileTypes: true });
  return children.map((child) => relative(folder, join(child.parentPath, child.name)) + (child.isDirectory() ? "/" : "")).sort();
}
