import type { EvidenceReference } from "../model/evidence.js";
import type { Stored } from "../evidence/stored-evidence.js";
import type { PackConfig } from "./pack-config.js";

/** What stands on a stack, as the mission store says: who, since when, why. */
export interface PackStanding {
  readonly freeze: { readonly by: string; readonly at: string; readonly reason: string } | null;
  readonly hold: { readonly by: string; readonly at: string; readonly reason: string } | null;
}

/** Everything that a rule may look at besides the inputs of the service. */
export interface PackContext {
  readonly config: PackConfig;
  /** An envelope from the mission store, by the hash of its bytes. */
  readonly read: (reference: EvidenceReference) => Promise<Stored>;
  /** @throws Error when the store cannot be understood, which denies */
  readonly standing: (stack: string) => Promise<PackStanding>;
  readonly now: Date;
}
