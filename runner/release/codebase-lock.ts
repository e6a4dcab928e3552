import { createHash } from "node:crypto";
import { mkdir, readFile, readdir, rename, rm, rmdir, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { errorCode } from "../../artifacts/artifact-error.js";
import { isDead, ownName, ownerOf } from "../../artifacts/owner.js";
import { EXIT, UserError } from "../errors.js";

const PREPARED = ".prepared-";

/** The right to build in a codebase; held until `release`. */
export interface CodebaseLock {
  /** Says that a process of this run writes into the codebase: while it lives nobody takes the lock over, even when this process is killed. */
  guard(pid: number): Promise<void>;
  release(): Promise<void>;
}

/**
 * Takes the lock of a codebase, also from a process that has died.
 *
 * The lock is a folder with one file, whose name tells the owner. Both ways to get it are one atomic step that only one can win: a prepared
 * folder is renamed to it, which fails while it holds a file; or the file of a dead owner is renamed to one's own, which fails when
 * somebody else has done so before.
 *
 * @param directory where locks lie; the same for all who may build in the codebase
 * @param codebase as `realpath` gives it
 * @throws UserError (locked) that names the process which holds it
 */
export async function lockCodebase(directory: string, codebase: string): Promise<CodebaseLock> {
  const own = await ownName();
  const lock = join(directory, createHash("sha256").update(codebase).digest("hex").slice(0, 32));
  const prepared = join(directory, PREPARED + own);
  await mkdir(directory, { recursive: true });
  await removeLeftovers(directory);
  try {
    await mkdir(prepared);
    await writeFile(join(prepared, own), "");
    while (!(await renamed(prepared, lock, ["ENOTEMPTY", "EEXIST"]))) {
      const [holder] = await readdir(lock).catch(() => []);
      if (holder === undefined) continue;
      await refuseWhileHeld(lock, holder, codebase);
      if (await renamed(join(lock, holder), join(lock, own), ["ENOENT"])) break;
    }
  } finally {
    await rm(prepared, { recursive: true, force: true });
  }
  return {
    // A process that has ended already needs no guard.
    guard: async (pid) => writeFile(join(lock, own), await ownName(pid).catch(() => "")),
    release: async () => {
      await unlink(join(lock, own));
      // Somebody else may have it already.
      await rmdir(lock).catch(() => undefined);
    },
  };
}

async function refuseWhileHeld(lock: string, holder: string, codebase: string): Promise<void> {
  const guarded = await readFile(join(lock, holder), "utf8").catch(() => "");
  const owner = ownerOf(holder);
  const build = ownerOf(guarded);
  const refuse = (who: string) =>
    new UserError(EXIT.locked, `The codebase "${codebase}" is being released by another run: ${who} holds the lock "${lock}". Wait until it has ended; remove the lock only if it runs no more.`);
  if (owner === null || !(await isDead(owner))) throw refuse(owner === null ? "an unknown process" : `process ${owner.pid}`);
  if (build !== null && !(await isDead(build))) throw refuse(`process ${build.pid}, the build of a run that was killed,`);
}

/** False when it failed for one of the expected reasons. */
async function renamed(from: string, to: string, expected: readonly string[]): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch (error) {
    if (expected.includes(errorCode(error) ?? "")) return false;
    throw error;
  }
}

async function removeLeftovers(directory: string): Promise<void> {
  for (const name of await readdir(directory)) {
    const owner = name.startsWith(PREPARED) ? ownerOf(name.slice(PREPARED.length)) : null;
    if (owner && (await isDead(owner))) await rm(join(directory, name), { recursive: true, force: true });
  }
}
