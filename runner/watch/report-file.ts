import { open, stat } from "node:fs/promises";
import { resolve } from "node:path";
import { missionHome } from "../../sandbox/home.js";
import type { Answer } from "./asking.js";
import { ReportTally, type ReportCount, type UserReports } from "./user-reports.js";

const CHUNK = 65_536;
/** Of a line that is longer, nobody needs the rest. */
const LINE = 4_096;

/**
 * Counts the lines that are appended to a file from now on. A file that is not there has none; one that was truncated or replaced is read from its
 * beginning.
 * @param file below the mission's home when relative
 */
export async function openReportFile(file: string): Promise<Answer<UserReports>> {
  const path = resolve(missionHome(), file);
  const begin = await look(path);
  if (!begin.ok) return begin;
  const tail = new Tail(path, begin.value);
  return { ok: true, value: { where: `Error reports of users are the lines that come into "${path}".`, count: () => tail.count(), close: () => Promise.resolve() } };
}

interface Place {
  readonly file: number | null;
  readonly size: number;
}

async function look(path: string): Promise<Answer<Place>> {
  try {
    const found = await stat(path);
    if (!found.isFile()) return { ok: false, reason: `"${path}" for error reports of users is no file; allowed is a file, or a path where one will be.` };
    return { ok: true, value: { file: found.ino, size: found.size } };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return { ok: true, value: { file: null, size: 0 } };
    return { ok: false, reason: `Error reports of users cannot be read from "${path}": ${code ?? message}.` };
  }
}

class Tail {
  readonly #tally = new ReportTally();
  #file: number | null;
  #offset: number;
  /** The line that has no end yet. */
  #line = Buffer.alloc(0);

  constructor(
    private readonly path: string,
    begin: Place,
  ) {
    this.#file = begin.file;
    this.#offset = begin.size;
  }

  async count(): Promise<Answer<ReportCount>> {
    const found = await look(this.path);
    if (!found.ok) return found;
    const { file, size } = found.value;
    if (size < this.#offset || (this.#file !== null && file !== this.#file)) {
      this.#endLine();
      this.#offset = 0;
    }
    this.#file = file;
    try {
      if (size > this.#offset) await this.#read(size);
    } catch (error) {
      return { ok: false, reason: `Error reports of users cannot be read from "${this.path}": ${(error as NodeJS.ErrnoException).code ?? String(error)}.` };
    }
    const { reports, last } = this.#tally.count();
    const open = new ReportTally();
    if (!isBlank(this.#line)) open.add(this.#line.toString());
    // A line that has no end yet is a report all the same; its text counts when it is complete.
    return { ok: true, value: { reports: reports + open.count().reports, last: [...last, ...open.count().last].slice(-3) } };
  }

  async #read(size: number): Promise<void> {
    const handle = await open(this.path, "r");
    try {
      const chunk = Buffer.alloc(CHUNK);
      while (this.#offset < size) {
        const { bytesRead } = await handle.read(chunk, 0, Math.min(CHUNK, size - this.#offset), this.#offset);
        if (bytesRead === 0) return;
        this.#offset += bytesRead;
        this.#take(chunk.subarray(0, bytesRead));
      }
    } finally {
      await handle.close();
    }
  }

  #take(bytes: Buffer): void {
    for (let at = 0; at < bytes.length; ) {
      const end = bytes.indexOf(10, at);
      this.#line = Buffer.concat([this.#line, bytes.subarray(at, end < 0 ? bytes.length : end)]).subarray(0, LINE);
      if (end < 0) return;
      this.#endLine();
      at = end + 1;
    }
  }

  #endLine(): void {
    if (!isBlank(this.#line)) this.#tally.add(this.#line.toString());
    this.#line = Buffer.alloc(0);
  }
}

function isBlank(line: Buffer): boolean {
  return line.toString().trim() === "";
}
