import { mkdir, open, readFile, type FileHandle } from "node:fs/promises";
import { dirname } from "node:path";
import { EXIT, UserError } from "../errors.js";
import { replaceFile } from "../replace-file.js";
import { syncFolder } from "../sync-folder.js";
import type { JournalLine, MissionJournal } from "../mission/journal-port.js";
import { breakOf, chained, type ChainedLine, type Head } from "./chain.js";

/** A journal is not what was written: it was cut, changed or belongs to something else. Nothing goes on from there. */
export class BrokenJournal extends UserError {
  constructor(file: string, line: number, why: string) {
    super(EXIT.refused, `Journal "${file}": line ${line} ${why}. Nothing was done; look at what runs (./mission rollout show <stack>) before anything goes on.`);
    this.name = "BrokenJournal";
  }
}

/** A mission's journal in a file: JSON Lines, each with the hash of the one before, each on disk before it counts. */
export class FileJournal implements MissionJournal {
  readonly #lines: ChainedLine[];
  #failed: Error | null = null;
  #length: number;
  #queue: Promise<unknown> = Promise.resolve();

  private constructor(
    readonly file: string,
    private readonly handle: FileHandle,
    lines: readonly ChainedLine[],
    length: number,
    private readonly now: () => Date,
  ) {
    this.#lines = [...lines];
    this.#length = length;
  }

  /** A new journal. @throws system errors, `EEXIST` when there is one */
  static async create(file: string, now: () => Date = () => new Date()): Promise<FileJournal> {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    const handle = await open(file, "ax", 0o600);
    // The name must survive a power cut as well as the contents.
    await syncFolder(dirname(file));
    return new FileJournal(file, handle, [], 0, now);
  }

  /**
   * The journal of a mission that goes on. A last line that was not written whole is cut off: its append had not been acknowledged, so nothing
   * was done on its account. The lines move into a new file of the same name: what a process that was taken over from still writes goes into the
   * one that nobody reads any more.
   * @throws BrokenJournal for everything else that is wrong; an empty or missing file is wrong too
   */
  static async open(file: string, now: () => Date = () => new Date()): Promise<FileJournal> {
    const { lines, length, bytes } = await readJournal(file);
    await replaceFile(file, bytes);
    return new FileJournal(file, await open(file, "a", 0o600), lines, length, now);
  }

  lines(): readonly JournalLine[] {
    return this.#lines.map(({ line }) => line);
  }

  /** Number and hash of the last line; null while there is none. */
  head(): Head | null {
    const last = this.#lines.at(-1);
    return last === undefined ? null : { seq: last.seq, hash: last.hash };
  }

  /**
   * @throws Error when the line is not on disk for certain; the journal takes no other line then, because what a half-written file holds is not
   *   known. Also after a terminal line.
   */
  append(line: JournalLine): Promise<void> {
    const done = this.#queue.then(() => this.#append(line));
    this.#queue = done.catch(() => undefined);
    return done;
  }

  async close(): Promise<void> {
    await this.#queue;
    await this.handle.close();
  }

  async #append(line: JournalLine): Promise<void> {
    if (this.#failed !== null) throw this.#failed;
    if (this.#lines.at(-1)?.line.kind === "terminal") throw new Error(`Journal "${this.file}" is complete; nothing follows a terminal line.`);
    const next = chained(line, this.now().toISOString(), this.head());
    const bytes = Buffer.from(`${JSON.stringify(next)}\n`);
    try {
      for (let written = 0; written < bytes.length; ) written += (await this.handle.write(bytes, written)).bytesWritten;
      await this.handle.datasync();
    } catch (error) {
      this.#failed = new Error(`Journal "${this.file}" cannot be written (${error instanceof Error ? error.message : String(error)}); the mission stops before its next step.`);
      // Best effort: a half line would be cut at the next opening anyway.
      await this.handle.truncate(this.#length).catch(() => undefined);
      throw this.#failed;
    }
    this.#length += bytes.length;
    this.#lines.push(next);
  }
}

/** Reads and checks a journal; changes nothing. @throws BrokenJournal */
export async function readJournal(file: string): Promise<{ readonly lines: readonly ChainedLine[]; /** Bytes of the whole lines. */ readonly length: number; readonly bytes: Buffer }> {
  const bytes = await readFile(file).catch((error: unknown) => {
    throw new BrokenJournal(file, 1, `cannot be read (${(error as NodeJS.ErrnoException).code ?? String(error)})`);
  });
  const lines: ChainedLine[] = [];
  let length = 0;
  for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, length)) {
    const last = lines.at(-1);
    const value = parse(bytes.subarray(length, end).toString("utf8"));
    const why = breakOf(value, last === undefined ? null : { seq: last.seq, hash: last.hash }) ?? (last?.line.kind === "terminal" ? "follows the terminal line" : undefined);
    if (why !== undefined) throw new BrokenJournal(file, lines.length + 1, why);
    lines.push(value as ChainedLine);
    length = end + 1;
  }
  if (lines.length === 0) throw new BrokenJournal(file, 1, "is missing: the file is empty");
  return { lines, length, bytes: bytes.subarray(0, length) };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
