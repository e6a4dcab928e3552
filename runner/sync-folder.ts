import { constants } from "node:fs";
import { open } from "node:fs/promises";

/** Puts the names in a folder on disk: a file that was made or renamed survives a power cut only after this. @throws system errors */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, constants.O_RDONLY);
  await folder.sync().finally(() => folder.close());
}
