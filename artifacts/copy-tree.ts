import { chmod, mkdir, open, symlink } from "node:fs/promises";
import { join } from "node:path";
import { forEachFile, type FileSink } from "./for-each-file.js";
import { CONCURRENCY, foldersOf, scanTree, type TreeOptions } from "./scan-tree.js";
import { ArtifactError } from "./artifact-error.js";
import { mapLimited } from "./map-limited.js";

/**
 * Copies every file and symbolic link of a folder into `target`, a folder that must not exist; contents are really copied, never shared with
 * the source. The copy is read-only: files 0444, or 0555 when their owner may execute them, folders 0555. Empty folders are left out.
 * @throws ArtifactError with every problem of the source, also when it holds no file; system errors (`ENOSPC`) of the target
 */
export async function copyTree(source: string, target: string, options: TreeOptions = {}): Promise<void> {
  const entries = await scanTree(source, options);
  if (entries.length === 0) throw new ArtifactError([`"${source}" holds no file; an artifact is a folder with the files that run.`]);
  const folders = [...foldersOf(entries)].sort();
  await mkdir(target, { mode: 0o700 });
  for (const folder of folders) await mkdir(join(target, folder), { mode: 0o700 });
  await forEachFile(source, entries, (path, executable) => writeTo(join(target, path), executable ? 0o555 : 0o444), options.limits);
  await mapLimited(entries, CONCURRENCY, async (entry) => {
    if (entry.kind === "symlink") await symlink(entry.target, join(target, entry.path));
  });
  for (const folder of folders.reverse()) await chmod(join(target, folder), 0o555);
  await chmod(target, 0o555);
}

async function writeTo(path: string, mode: number): Promise<FileSink<void>> {
  const file = await open(path, "wx", 0o600);
  return {
    async piece(bytes) {
      for (let written = 0; written < bytes.length; ) written += (await file.write(bytes, written)).bytesWritten;
    },
    async end() {
      await file.chmod(mode);
      await file.close();
    },
    abandon: () => file.close(),
  };
}
