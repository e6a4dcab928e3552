import { Mutex } from "../process/mutex.js";
import { writeDurably } from "../process/atomic-file.js";
import { failpoint } from "./failpoint.js";
import type { SandboxPaths } from "./paths.js";
import { Refusal } from "./refusal.js";
import type { State } from "./state.js";

/** Makes a new state the recorded one; resolves when it is on the disk. */
export type Save = (next: State) => Promise<void>;

/** The recorded state: in memory exactly what is on the disk. Changes run one at a time. */
export class StateStore {
  readonly #mutex = new Mutex();
  readonly #paths: SandboxPaths;
  #current: State;
  #closed = false;

  constructor(paths: SandboxPaths, current: State) {
    this.#paths = paths;
    this.#current = current;
  }

  /** What is recorded now. */
  get current(): State {
    return this.#current;
  }

  /**
   * Runs a change while no other one runs: checks, `save` and effects belong in here together.
   * @throws Refusal 503 when the supervisor is stopping.
   */
  exclusive<T>(change: (save: Save) => Promise<T>): Promise<T> {
    return this.#mutex.run(() => {
      if (this.#closed) throw new Refusal(503, "The supervisor is stopping; connect again.", "stopping");
      return change((next) => this.#save(next));
    });
  }

  /** Waits for the change that runs and lets no other one begin. */
  close(): Promise<void> {
    return this.#mutex.run(async () => {
      this.#closed = true;
    });
  }

  async #save(next: State): Promise<void> {
    if (next === this.#current) return;
    try {
      await writeDurably(this.#paths.state, `${JSON.stringify(next, null, 1)}\n`, { previous: this.#paths.previousState });
    } catch (error) {
      throw new Refusal(500, `The sandbox's state "${this.#paths.state}" cannot be written (${(error as NodeJS.ErrnoException).code ?? String(error)}); nothing was changed.`, "disk");
    }
    this.#current = next;
    failpoint("state-saved");
  }
}
