import { type WriteStream, createWriteStream } from "node:fs";
import { once } from "node:events";
import { toMicroseconds } from "./clock.js";
import type { Outcome } from "./outcome.js";

const BATCH_CHARACTERS = 64 * 1024;
const FLUSH_MS = 200;

/** Writes one JSON line per request, in batches; complete once `close` has returned. */
export class RequestLog {
  #batch = "";
  readonly #timer: NodeJS.Timeout;

  private constructor(
    private readonly stream: WriteStream,
    onError: (error: Error) => void,
  ) {
    stream.on("error", onError);
    this.#timer = setInterval(() => this.#flush(), FLUSH_MS);
  }

  /**
   * Opens the file for appending.
   * @param onError a line could not be written: the log is incomplete from here on
   * @throws Error when it cannot be opened
   */
  static async open(path: string, onError: (error: Error) => void): Promise<RequestLog> {
    const stream = createWriteStream(path, { flags: "a" });
    await once(stream, "open");
    return new RequestLog(stream, onError);
  }

  /** Adds a request. */
  write(outcome: Outcome): void {
    const { id, scheduled, sent, ended, status, error, slot, release } = outcome;
    const line = {
      id,
      scheduled: toMicroseconds(scheduled),
      sent: sent === null ? null : toMicroseconds(sent),
      ended: toMicroseconds(ended),
      status,
      error,
      slot,
      release,
    };
    this.#batch += `${JSON.stringify(line)}\n`;
    if (this.#batch.length >= BATCH_CHARACTERS) this.#flush();
  }

  /**
   * Writes what is left.
   * @throws Error when a line could not be written
   */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#flush();
    if (this.stream.errored) throw this.stream.errored;
    this.stream.end();
    await once(this.stream, "close");
  }

  #flush(): void {
    if (this.#batch !== "" && !this.stream.errored) this.stream.write(this.#batch);
    this.#batch = "";
  }
}
