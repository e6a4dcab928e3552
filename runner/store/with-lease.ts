import { EXIT, UserError } from "../errors.js";
import { who } from "../who.js";
import type { Holder, Lease, MissionStore } from "./mission-store.js";

/** Milliseconds that a command keeps a stack without renewing; it renews three times as often. */
const TTL_MS = 60_000;

/**
 * Does something by hand while nobody else works on the stack; keeps the lease alive meanwhile and gives it back.
 * @param what the command, for whoever is refused because of it
 * @throws UserError (locked) that names who has the stack, since when, and what to do
 */
export async function withLease<T>(store: MissionStore, stack: string, what: string, work: (lease: Lease) => Promise<T>): Promise<T> {
  const acquired = await store.acquire(stack, { mission: `${what}, by hand (${who()})`, ttlMs: TTL_MS });
  if (!acquired.ok) throw new UserError(EXIT.locked, heldBy(stack, acquired.holder));
  const { lease } = acquired;
  // A renewal that fails is seen by the next check of the lease, which every effect asks for.
  const renewal = setInterval(() => void lease.renew().catch(() => undefined), TTL_MS / 3);
  renewal.unref();
  try {
    return await work(lease);
  } finally {
    clearInterval(renewal);
    await lease.release();
  }
}

function heldBy(stack: string, { mission, since, until }: Holder): string {
  return (
    `Stack "${stack}" is worked on by "${mission}" since ${since}; nobody else changes it before that ends or, should it have died unseen, before ${until}. ` +
    `Wait for it, or stop it where it runs (Ctrl+C). Taking traffic back is possible at any time: ./mission rollout set ${stack} 0`
  );
}
