import type { ChildProcess } from "node:child_process";
import { isAlive, type ProcessIdentity } from "./identity.js";

/** How a process ended; both null when it was not our child and nobody told. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** In words: `exited with 1`, `was killed by SIGKILL`, `ended`. */
export function describeExit({ code, signal }: Exit): string {
  if (signal !== null) return `was killed by ${signal}`;
  return code === null ? "ended" : `exited with ${code}`;
}

/** Milliseconds between two looks at processes that are not our children. */
const INTERVAL = 50;

/** Tells when processes end: at once for children, within 50 ms for adopted ones. */
export class ExitWatch {
  readonly #adopted = new Map<ProcessIdentity, (exit: Exit) => void>();
  #timer: NodeJS.Timeout | undefined;

  /** Calls back once when the process has ended. `child` is given when we started it. */
  watch(identity: ProcessIdentity, child: ChildProcess | null, ended: (exit: Exit) => void): void {
    if (child === null) {
      this.#adopted.set(identity, ended);
      this.#timer ??= setInterval(() => this.#look(), INTERVAL);
    } else if (child.exitCode !== null || child.signalCode !== null) {
      queueMicrotask(() => ended({ code: child.exitCode, signal: child.signalCode }));
    } else {
      child.once("exit", (code, signal) => ended({ code, signal }));
    }
  }

  /** Watches nothing any more. */
  close(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#adopted.clear();
  }

  #look(): void {
    for (const [identity, ended] of [...this.#adopted]) {
      if (isAlive(identity)) continue;
      this.#adopted.delete(identity);
      ended({ code: null, signal: null });
    }
    if (this.#adopted.size === 0) {
      clearInterval(this.#timer);
      this.#timer = undefined;
    }
  }
}
