import { chmod, lstat, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { errorCode } from "./artifact-error.js";

/** Removes a folder with all that is in it, also when its folders are read-only; nothing when it is not there. */
export async function removeTree(directory: string): Promise<void> {
  try {
    if ((await lstat(directory)).isDirectory()) await makeWritable(directory);
  } catch (error) {
    if (errorCode(error) !== "ENOENT") throw error;
  }
  await rm(directory, { recursive: true, force: true });
}

async function makeWritable(directory: string): Promise<void> {
  await chmod(directory, 0o700);
  for (const child of await readdir(directory, { withFileTypes: true })) {
    if (child.isDirectory()) await makeWritable(join(directory, child.name));
  }
}
