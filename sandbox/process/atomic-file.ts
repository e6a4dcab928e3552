import { linkSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { open, rename, rm, link } from "node:fs/promises";
import { dirname } from "node:path";

/** How a file is replaced. */
export interface DurableOptions {
  /** Where the file's present contents stay available. */
  readonly previous?: string;
}

/**
 * Replaces a file as a whole, mode 0600: after a crash or a power loss it holds the old or the new contents, never a mixture.
 * Resolves when the new contents are on the disk. One writer at a time.
 * @throws Error of the file system; the file is then as it was.
 */
export async function writeDurably(path: string, contents: string, options: DurableOptions = {}): Promise<void> {
  const temporary = `${path}.new`;
  try {
    const file = await open(temporary, "w", 0o600);
    try {
      await file.writeFile(contents);
      await file.sync();
    } finally {
      await file.close();
    }
    if (options.previous !== undefined) {
      await rm(options.previous, { force: true });
      await link(path, options.previous).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== "ENOENT") throw error;
      });
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
  // Some file systems cannot do it; the file itself is on the disk either way.
  await syncDirectory(dirname(path)).catch(() => undefined);
}

/** Replaces a file as a whole, mode 0600, without waiting for the disk: for what a power loss makes worthless anyway. */
export function writeWhole(path: string, contents: string): void {
  const temporary = `${path}.new`;
  writeFileSync(temporary, contents, { mode: 0o600 });
  renameSync(temporary, path);
}

/** Creates a file with its contents in one step. False when it exists already. */
export function createWhole(path: string, contents: string): boolean {
  const temporary = `${path}.${process.pid}`;
  writeFileSync(temporary, contents, { mode: 0o600 });
  try {
    linkSync(temporary, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  } finally {
    rmSync(temporary, { force: true });
  }
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, "r");
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
