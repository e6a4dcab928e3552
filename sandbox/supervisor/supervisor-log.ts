import { closeSync, writeSync } from "node:fs";
import { openLog, rotateLog } from "../process/log-file.js";

/** `refused`: why the supervisor did not start. */
export type LogLevel = "info" | "warning" | "error" | "refused";

/** The supervisor's own log: one JSON object a line. Never given a secret. */
export class SupervisorLog {
  readonly #path: string;
  readonly #file: number;

  constructor(path: string) {
    this.#path = path;
    this.#file = openLog(path);
  }

  write(level: LogLevel, message: string, details: Readonly<Record<string, unknown>> = {}): void {
    const line = JSON.stringify({ time: new Date().toISOString(), pid: process.pid, level, message, ...details });
    try {
      writeSync(this.#file, `${line}\n`);
    } catch {
      // A full disk must not stop traffic.
    }
  }

  rotate(): void {
    rotateLog(this.#path);
  }

  close(): void {
    closeSync(this.#file);
  }
}
