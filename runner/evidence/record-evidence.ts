import { canonicalJson } from "../../model/digest.js";
import type { EvidenceReference } from "../../model/evidence.js";
import { signEnvelope } from "../../evidence/dsse.js";
import type { EvidenceStore } from "./evidence-store.js";
import type { SigningKey } from "../../evidence/signing-key.js";
import { statementOf, type Claim } from "../../evidence/statement.js";

/** What a gate needs to leave evidence. */
export interface EvidenceDesk {
  readonly store: EvidenceStore;
  readonly key: SigningKey;
  /** Default: the system's clock. */
  readonly now?: () => Date;
  /** How long statements count, in milliseconds. Default: VALID_MS, 7 days. */
  readonly validMs?: number;
}

/**
 * States, signs and stores in one call.
 * @throws Error when the claim is not one (see `statementOf`); system errors of the store
 */
export async function recordEvidence({ store, key, now = () => new Date(), validMs }: EvidenceDesk, claim: Claim): Promise<EvidenceReference> {
  return store.put(signEnvelope(canonicalJson(statementOf(claim, now(), validMs)), key));
}
