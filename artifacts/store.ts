import { mkdir, readdir, realpath, rename, stat } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { ArtifactError, errorCode } from "./artifact-error.js";
import { copyTree } from "./copy-tree.js";
import { isDead, ownName, ownerOf } from "./owner.js";
import { removeTree } from "./remove-tree.js";
import type { TreeOptions } from "./scan-tree.js";
import { treeDigest } from "./tree-digest.js";

const TEMPORARY = ".temporary-";

/**
 * Artifacts by their digest: `<directory>/<64 hexadecimal digits>/...`, read-only. Any number of processes may use one directory at once.
 * A new artifact appears under its name at once and complete. Contents are not flushed to disk file by file: what a power cut leaves
 * incomplete, `verify` finds.
 */
export class ArtifactStore {
  /** @param directory where artifacts lie; made by the first `put` */
  constructor(readonly directory: string) {}

  /**
   * Stores a copy of a folder and returns the digest of that copy, so that the name says what is stored even if the folder changed meanwhile.
   * The same contents again are checked and not stored twice.
   * @throws ArtifactError with every problem of the folder (see `treeDigest`), when it holds no file, when it holds this store, or when the
   *   store has a damaged artifact of that name; system errors (`ENOSPC`, `EACCES`) of the store
   */
  async put(source: string, options: TreeOptions = {}): Promise<string> {
    await mkdir(this.directory, { recursive: true });
    await this.#refuseOwnFolder(source, options);
    await this.#removeLeftovers();
    const temporary = join(this.directory, TEMPORARY + (await ownName()));
    try {
      await copyTree(source, temporary, options);
      const digest = await treeDigest(temporary, options.limits ? { limits: options.limits } : {});
      if (!(await this.#take(temporary, digest))) await this.verify(digest);
      return digest;
    } finally {
      await removeTree(temporary);
    }
  }

  /** Where an artifact lies, or would lie. Its contents are only as trustworthy as the last `verify`. */
  path(digest: string): string {
    return join(this.directory, hexOf(digest));
  }

  /** Whether there is an artifact of that name, without looking into it. */
  async has(digest: string): Promise<boolean> {
    return isFolder(this.path(digest));
  }

  /** @throws ArtifactError when the artifact is missing, or its contents are not what its name says */
  async verify(digest: string): Promise<void> {
    const path = this.path(digest);
    if (!(await this.has(digest))) throw new ArtifactError([`Artifact "${digest}" is missing in "${this.directory}"; make the release again.`]);
    const found = await treeDigest(path).catch((error: unknown) => {
      if (error instanceof ArtifactError) return `this: ${error.problems.join(" ")}`;
      throw error;
    });
    if (found === digest) return;
    throw new ArtifactError([`Artifact "${digest}" was changed after it was stored; remove "${path}" and make the release again. Expected is ${digest}, found is ${found}`]);
  }

  /** Removes an artifact; nothing when it is not there. */
  async remove(digest: string): Promise<void> {
    const temporary = join(this.directory, TEMPORARY + (await ownName()));
    try {
      await rename(this.path(digest), temporary);
    } catch (error) {
      if (errorCode(error) === "ENOENT") return;
      throw error;
    }
    await removeTree(temporary);
  }

  /** The digests of all artifacts, in order. */
  async list(): Promise<string[]> {
    const names = await namesIn(this.directory);
    return names
      .filter((name) => /^[0-9a-f]{64}$/.test(name))
      .sort()
      .map((name) => `sha256:${name}`);
  }

  /** False when there is an artifact of that name already. */
  async #take(temporary: string, digest: string): Promise<boolean> {
    try {
      await rename(temporary, this.path(digest));
      return true;
    } catch (error) {
      if (errorCode(error) === "ENOTEMPTY" || errorCode(error) === "EEXIST") return false;
      throw error;
    }
  }

  async #removeLeftovers(): Promise<void> {
    for (const name of await namesIn(this.directory)) {
      const owner = name.startsWith(TEMPORARY) ? ownerOf(name.slice(TEMPORARY.length)) : null;
      if (owner && (await isDead(owner))) await removeTree(join(this.directory, name));
    }
  }

  async #refuseOwnFolder(source: string, { leaveOut }: TreeOptions): Promise<void> {
    if (!(await isFolder(source))) return;
    const parts = relative(await realpath(source), await realpath(this.directory)).split(sep);
    const folders = parts.map((_part, index) => parts.slice(0, index + 1).join("/")).filter((folder) => folder !== "");
    if (parts[0] === ".." || folders.some((folder) => leaveOut?.(folder, true))) return;
    throw new ArtifactError([`"${source}" holds the store of artifacts "${this.directory}" and would be copied into itself; leave that folder out, or move the store.`]);
  }
}

function hexOf(digest: string): string {
  const [, hex] = /^sha256:([0-9a-f]{64})$/.exec(digest) ?? [];
  if (hex === undefined) throw new RangeError(`"${digest}" is not a digest; allowed is sha256: and 64 hexadecimal digits.`);
  return hex;
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    (error: unknown) => {
      if (errorCode(error) === "ENOENT" || errorCode(error) === "ENOTDIR") return false;
      throw error;
    },
  );
}

async function namesIn(directory: string): Promise<string[]> {
  return readdir(directory).catch((error: unknown) => {
    if (errorCode(error) === "ENOENT") return [];
    throw error;
  });
}
