import { readdirSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { join } from "node:path";
import { createWhole, writeWhole } from "./atomic-file.js";
import { identify, isAlive, type ProcessIdentity } from "./identity.js";

const NAME = /^lock-(\d+)$/;

/** A lock that is held until it is released or its owner dies. */
export interface Lock {
  release(): void;
}

/**
 * Takes the lock of a directory, or undefined when a living process holds it.
 *
 * The lock is the file `lock-<n>` with the highest number; it names its owner by pid and start time, and the directory. A lock whose owner is dead (or that was
 * released) is taken over by creating `lock-<n+1>`, which the file system lets only one process do. Numbers never go down, so a process that
 * looked at an old one cannot take what somebody else has: the last file stays, as a counter, after a release.
 */
export function takeLock(directory: string): Lock | undefined {
  const own = identify(process.pid);
  if (own === undefined) throw new Error("This process finds no start time of its own in /proc or ps; a lock needs it.");
  for (;;) {
    const last = highest(directory);
    const owner = last === 0 ? undefined : ownerOf(directory, last);
    if (owner === "gone") continue;
    if (owner !== undefined && isAlive(owner)) return undefined;
    const number = last + 1;
    if (!createWhole(path(directory, number), JSON.stringify({ ...own, directory: realpathSync(directory) }))) continue;
    if (highest(directory) > number) {
      rmSync(path(directory, number), { force: true });
      continue;
    }
    for (const older of numbers(directory)) if (older < number) rmSync(path(directory, older), { force: true });
    return { release: () => writeWhole(path(directory, number), JSON.stringify({ released: true })) };
  }
}

/** Who holds the lock of a directory now; undefined when nobody alive does. */
export function lockOwner(directory: string): ProcessIdentity | undefined {
  for (;;) {
    const last = highest(directory);
    if (last === 0) return undefined;
    const owner = ownerOf(directory, last);
    if (owner === "gone") continue;
    return owner !== undefined && isAlive(owner) ? owner : undefined;
  }
}

function ownerOf(directory: string, number: number): ProcessIdentity | undefined | "gone" {
  try {
    const owner = JSON.parse(readFileSync(path(directory, number), "utf8")) as Partial<ProcessIdentity> & { readonly directory?: unknown };
    // A lock that was copied along with its directory is nobody's.
    if (owner.directory !== realpathSync(directory)) return undefined;
    return typeof owner.pid === "number" && typeof owner.start === "string" ? { pid: owner.pid, start: owner.start } : undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ENOENT" ? "gone" : undefined;
  }
}

function numbers(directory: string): number[] {
  try {
    return readdirSync(directory).flatMap((name) => {
      const number = NAME.exec(name)?.[1];
      return number === undefined ? [] : [Number(number)];
    });
  } catch {
    return [];
  }
}

function highest(directory: string): number {
  return Math.max(0, ...numbers(directory));
}

function path(directory: string, number: number): string {
  return join(directory, `lock-${number}`);
}
