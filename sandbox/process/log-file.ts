import { closeSync, copyFileSync, fstatSync, mkdirSync, openSync, readSync, renameSync, rmSync, statSync, truncateSync } from "node:fs";
import { dirname } from "node:path";

/** Bytes that a log may have before it is rotated: 10 MB. */
export const LOG_LIMIT = 10 * 1024 * 1024;

/** Opens a log for appending, mode 0600; makes its folder. The descriptor is the caller's to close. */
export function openLog(path: string): number {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  return openSync(path, "a", 0o600);
}

/**
 * Rotates a log that is too long: `x.log` is copied to `x.log.1` (the one before to `x.log.2`) and emptied. It is not renamed, because the
 * process that writes it holds it open. Lines written between copying and emptying are lost.
 */
export function rotateLog(path: string, limit: number = LOG_LIMIT): void {
  if (sizeOf(path) <= limit) return;
  if (sizeOf(`${path}.1`) > 0) renameSync(`${path}.1`, `${path}.2`);
  copyFileSync(path, `${path}.1`);
  truncateSync(path, 0);
}

/** Removes a log and what was rotated. */
export function removeLog(path: string): void {
  for (const each of [path, `${path}.1`, `${path}.2`]) rmSync(each, { force: true });
}

/** Bytes of a file; 0 when there is none. */
export function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

/** The last lines of a log that are not empty, from its last 16 KiB. `mask` is applied to the text before it is cut into lines. */
export function tailOf(path: string, lines: number, mask: (text: string) => string): string[] {
  let text: string;
  try {
    text = readEnd(path, 16 * 1024);
  } catch {
    return [];
  }
  return mask(text)
    .split("\n")
    .filter((line) => line.trim() !== "")
    .slice(-lines)
    .map((line) => (line.length > 400 ? `${line.slice(0, 400)}...` : line));
}

function readEnd(path: string, bytes: number): string {
  const file = openSync(path, "r");
  try {
    const { size } = fstatSync(file);
    const from = Math.max(0, size - bytes);
    const buffer = Buffer.alloc(size - from);
    const read = readSync(file, buffer, 0, buffer.length, from);
    const text = buffer.subarray(0, read).toString("utf8");
    // A cut first line could hold the end of a secret that no mask recognises.
    return from === 0 ? text : text.slice(text.indexOf("\n") + 1);
  } finally {
    closeSync(file);
  }
}
