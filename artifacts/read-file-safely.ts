import { constants } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import { errorCode } from "./artifact-error.js";

/** One file of a tree could not be read; the message is a sentence without its subject. */
export class UnreadableFile extends Error {}

const LARGEST_PIECE = 1024 * 1024;

/**
 * Reads one regular file piece by piece. Follows no symbolic link and never waits on a pipe or device, whatever the path has become meanwhile.
 * @param onStart called with whether the owner may execute it, before the first piece
 * @param onPiece called with each piece; the buffer is used again after it has returned
 * @throws UnreadableFile when it cannot be read or is no regular file; what onStart and onPiece throw goes through
 */
export async function readFileSafely(path: string, onStart: (executable: boolean) => void | Promise<void>, onPiece: (piece: Buffer) => void | Promise<void>): Promise<void> {
  const file = await openSafely(path);
  try {
    const status = await file.stat();
    if (!status.isFile()) throw new UnreadableFile("was a file and is none any more; do not change the folder meanwhile.");
    await onStart((status.mode & 0o100) !== 0);
    const buffer = Buffer.allocUnsafe(Math.min(status.size + 1, LARGEST_PIECE));
    for (;;) {
      const { bytesRead } = await unreadable(() => file.read(buffer, 0, buffer.length));
      if (bytesRead === 0) return;
      await onPiece(buffer.subarray(0, bytesRead));
    }
  } finally {
    await file.close();
  }
}

/** @throws UnreadableFile when a file cannot even be opened */
export async function checkReadable(path: string): Promise<void> {
  await (await openSafely(path)).close();
}

function openSafely(path: string): Promise<FileHandle> {
  return unreadable(() => open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK));
}

async function unreadable<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new UnreadableFile(`cannot be read (${errorCode(error) ?? String(error)}); make it readable or remove it.`);
  }
}
