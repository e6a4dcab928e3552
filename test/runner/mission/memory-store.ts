import { StaleLease, type Acquired, type Holder, type LeaseRequest, type MissionStore } from "../../../runner/store/mission-store.js";

/** A process that may hold leases. */
export interface MemoryProcess {
  alive: boolean;
  /** It has not renewed its leases for longer than they last. */
  late: boolean;
}

interface Held {
  readonly token: number;
  readonly mission: string;
  readonly process: MemoryProcess;
  released: boolean;
}

/** Leases in memory with the rules of `runner/store`: a token that only grows, for the one whose holder is dead, late or has given it back. */
export class MemoryStore {
  readonly #newest = new Map<string, Held>();

  /** The store as one process sees it. */
  as(process: MemoryProcess): MissionStore {
    const nothing = () => Promise.reject(new Error("not in memory"));
    return {
      acquire: (environment, request) => Promise.resolve(this.#acquire(environment, request, process)),
      holder: (environment) => Promise.resolve(this.#holder(environment)),
      standing: () => Promise.resolve({ freeze: null, hold: null }),
      set: nothing,
      clear: nothing,
      history: () => Promise.resolve([]),
    };
  }

  #acquire(environment: string, { mission }: LeaseRequest, process: MemoryProcess): Acquired {
    const holder = this.#holder(environment);
    if (holder !== null) return { ok: false, holder };
    const held: Held = { token: (this.#newest.get(environment)?.token ?? 0) + 1, mission, process, released: false };
    this.#newest.set(environment, held);
    const check = () => {
      const newest = this.#newest.get(environment)?.token ?? 0;
      return newest !== held.token || held.released ? Promise.reject(new StaleLease(environment, mission, held.token, newest)) : Promise.resolve();
    };
    const release = () => {
      held.released = true;
      return Promise.resolve();
    };
    return { ok: true, lease: { environment, mission, token: held.token, check, renew: check, release } };
  }

  #holder(environment: string): Holder | null {
    const held = this.#newest.get(environment);
    if (held === undefined || held.released || !held.process.alive || held.process.late) return null;
    return { mission: held.mission, since: "2026-01-02T03:04:05.000Z", until: "2026-01-02T03:04:35.000Z" };
  }
}
