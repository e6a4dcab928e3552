import fs from "node:fs/promises";
import path from "node:path";

/** How long a line may wait in memory, in ms. */
const FLUSH_AFTER = 100;
/** Size at which the file is put aside, in bytes. */
const ROTATE_AT = 20 * 1024 * 1024;
/** How many files put aside are kept: `router-access.log.1` (newest) and `.2`. */
const KEPT = 2;
/** Bytes that may wait while the disk does not take them; lines beyond are dropped, traffic goes on. */
const MOST_WAITING = 16 * 1024 * 1024;

/** One request, as it is logged. */
export interface AccessLine {
  /** When the request arrived, ISO 8601. */
  readonly time: string;
  readonly service: string;
  readonly slot: string;
  /** Id of the instance that was asked last; null when there was none. */
  readonly instance: string | null;
  readonly release: string;
  readonly method: string;
  /** Without the query, which may carry secrets. */
  readonly path: string;
  /** Status the client got; 499 when it left before a response began. */
  readonly status: number;
  /** Time from the request to the end of the response or connection, in ms. */
  readonly ms: number;
  /** The request's `x-request-id`; null without one. */
  readonly id: string | null;
  /** Why no whole response came from an instance; left out when one did. */
  readonly error?: string;
}

/** `router-access.log` in a directory: JSON lines, written together every 100 ms, put aside at 20 MB. */
export class AccessLog {
  readonly #file: string;
  readonly #rotateAt: number;
  #waiting: string[] = [];
  #waitingBytes = 0;
  #size: number | undefined;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> | undefined;

  /** `rotateAt` is the size in bytes at which the file is put aside. */
  constructor(directory: string, rotateAt: number = ROTATE_AT) {
    this.#file = path.join(directory, "router-access.log");
    this.#rotateAt = rotateAt;
  }

  /** Notes a line; it is handed to the file within 100 ms. */
  write(line: AccessLine): void {
    if (this.#waitingBytes > MOST_WAITING) return;
    const text = `${JSON.stringify(line)}\n`;
    this.#waiting.push(text);
    this.#waitingBytes += text.length;
    this.#timer ??= setTimeout(() => void this.flush(), FLUSH_AFTER).unref();
  }

  /** Writes all that waits; resolves when it is in the file. A disk that refuses costs lines of the log, never a request. */
  flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#writing ??= this.#writeAll().finally(() => (this.#writing = undefined));
    return this.#writing;
  }

  async #writeAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const text = this.#waiting.join("");
      this.#waiting = [];
      this.#waitingBytes = 0;
      try {
        this.#size ??= await sizeOf(this.#file);
        if (this.#size >= this.#rotateAt) await this.#rotate();
        await fs.appendFile(this.#file, text, { mode: 0o600 });
        this.#size += Buffer.byteLength(text);
      } catch {
        this.#size = undefined;
      }
    }
  }

  async #rotate(): Promise<void> {
    for (let number = KEPT - 1; number >= 1; number--) {
      await renameIfThere(`${this.#file}.${number}`, `${this.#file}.${number + 1}`);
    }
    await renameIfThere(this.#file, `${this.#file}.1`);
    this.#size = 0;
  }
}

async function sizeOf(file: string): Promise<number> {
  const stat = await fs.stat(file).catch(unlessMissing);
  return stat?.size ?? 0;
}

async function renameIfThere(from: string, to: string): Promise<void> {
  await fs.rename(from, to).catch(unlessMissing);
}

function unlessMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== "ENOENT") throw error;
}
