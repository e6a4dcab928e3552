import { EXIT, UserError } from "../errors.js";
import { who } from "../who.js";
import { byHand, inHands } from "./in-hands.js";
import type { Lease, MissionStore } from "./mission-store.js";

/** Milliseconds that a command keeps a stack without renewing; it renews three times as often. */
const TTL_MS = 60_000;

/**
 * Does something by hand while nobody else works on the stack; keeps the lease alive meanwhile and gives it back.
 * @param what the command, for whoever is refused because of it
 * @throws UserError (locked) that names who has the stack, since when, and what to do
 */
export async function withLease<T>(store: MissionStore, stack: string, what: string, work: (lease: Lease) => Promise<T>): Promise<T> {
  const acquired = await store.acquire(stack, { mission: byHand(what, who()), ttlMs: TTL_MS });
  if (!acquired.ok) throw new UserError(EXIT.locked, inHands(stack, acquired.holder));
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
