import { join } from "node:path";
import { missionHome } from "../../sandbox/home.js";
import { directoryStore } from "./directory-store.js";
import type { MissionStore } from "./mission-store.js";

/** Where this machine's mission store is. */
export function storeDirectory(): string {
  return join(missionHome(), "store");
}

/** Where leases, freezes and holds lie, by stack. */
export function environmentsDirectory(): string {
  return join(storeDirectory(), "environments");
}

/** Where signed statements lie, by the digest of their bytes. */
export function evidenceDirectory(): string {
  return join(storeDirectory(), "evidence");
}

/** The mission store that every command and every mission uses; its environments are stacks. */
export function openStore(): MissionStore {
  return directoryStore(environmentsDirectory());
}
