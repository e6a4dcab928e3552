import { randomBytes } from "node:crypto";
import { mkdir, open, realpath, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { syncFolder } from "./sync-folder.js";

/**
 * Writes a file so that a reader, a kill or a power cut never leaves half of it, and it is there for good on return. Keeps the permissions of the file that was there; a new one
 * is for its owner only. Where the path is a symbolic link, the file it leads to is replaced.
 * @throws system errors (`EACCES`, `ENOSPC`); nothing has changed then, except when it was the last step that failed
 */
export async function replaceFile(path: string, text: string | Buffer): Promise<void> {
  const target = await realpath(path).catch(() => path);
  const mode = await stat(target).then(
    (found) => found.mode & 0o777,
    () => 0o600,
  );
  await mkdir(dirname(target), { recursive: true });
  const temporary = join(dirname(target), `.${basename(target)}.${randomBytes(6).toString("hex")}`);
  try {
    const file = await open(temporary, "wx", 0o600);
    try {
      await file.writeFile(text);
      await file.chmod(mode);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, target);
    await syncFolder(dirname(target));
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
