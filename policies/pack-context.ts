import type { Stored } from "../evidence/stored-evidence.js";
import type { EvidenceReference } from "../model/evidence.js";
import type { WhatStands } from "../model/standing.js";
import type { PackConfig } from "./pack-config.js";

/** What stands on a stack, as the mission store says: who, since when, why. */
export type PackStanding = WhatStands;

/** Everything that a rule may look at besides the inputs of the service. */
export interface PackContext {
  readonly config: PackConfig;
  /** An envelope from the mission store, by the hash of its bytes. */
  readonly read: (reference: EvidenceReference) => Promise<Stored>;
  /** @throws Error when the store cannot be understood, which denies */
  readonly standing: (stack: string) => Promise<PackStanding>;
  /**
   * The public half of this machine's development key (SPKI PEM); null where there is none. Default: there is none.
   * @throws Error when the file is no such key, which denies
   */
  readonly developmentKey?: () => Promise<string | null>;
  readonly now: Date;
}
