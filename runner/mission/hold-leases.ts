import { EXIT, UserError } from "../errors.js";
import { inHands } from "../store/in-hands.js";
import { StaleLease, type Lease, type MissionStore } from "../store/mission-store.js";

/** How long a mission that does not say a word keeps its environments, milliseconds. Long against a pause of the machine, short for a person who waits. */
const LEASE_MS = 30_000;

/** The right to change some environments, kept up while the process lives. */
export interface HeldLeases {
  /** @throws StaleLease when another mission has taken one over: this process must do nothing more */
  guard(): Promise<void>;
  release(): Promise<void>;
}

/**
 * Takes the environments of a mission, all or none.
 * @throws UserError (locked) that says which mission has one, since when and until when
 */
export async function holdLeases(store: MissionStore, stacks: readonly string[], mission: string, ttlMs = leaseTime()): Promise<HeldLeases> {
  const leases: Lease[] = [];
  // Always in the same order, so that two missions never wait for each other's half.
  for (const stack of [...stacks].sort()) {
    const acquired = await store.acquire(stack, { mission, ttlMs });
    if (acquired.ok) {
      leases.push(acquired.lease);
      continue;
    }
    for (const lease of leases) await lease.release();
    throw new UserError(EXIT.locked, inHands(stack, acquired.holder));
  }
  let lost: unknown = null;
  const timer = setInterval(() => {
    for (const lease of leases) {
      lease.renew().catch((error: unknown) => {
        // Another failure is tried again at the next turn; the guard looks by itself before every effect.
        if (error instanceof StaleLease) lost = error;
      });
    }
  }, ttlMs / 3);
  timer.unref();
  return {
    async guard() {
      if (lost !== null) throw lost as Error;
      for (const lease of leases) await lease.check();
    },
    async release() {
      clearInterval(timer);
      for (const lease of leases) await lease.release();
    },
  };
}

/** Leases of one owner, taken one after the other, as one; who took them releases them. */
export function bothLeases(first: HeldLeases, second: HeldLeases): HeldLeases {
  return {
    async guard() {
      await first.guard();
      await second.guard();
    },
    async release() {
      await second.release();
      await first.release();
    },
  };
}

/** Tests that wait for a lease to expire set it shorter. */
function leaseTime(): number {
  const asked = process.env["MISSION_TEST"] === "1" ? Number(process.env["MISSION_TEST_LEASE_MS"]) : Number.NaN;
  return asked > 0 ? asked : LEASE_MS;
}
