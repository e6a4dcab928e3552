import { z } from "zod";

/** Where evidence for a gate lies in the mission store. */
export const evidenceReferenceSchema = z.strictObject({
  /** Predicate type, such as `https://in-toto.io/attestation/test-result/v0.1` or `urn:mission-deploy:rollback-drill:v1`. */
  type: z.string().min(1).max(200),
  /** SHA-256 of the envelope's bytes. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/, "allowed are 64 hexadecimal digits"),
});
/** What a piece of evidence says, and the SHA-256 of its envelope's bytes (64 hexadecimal digits). */
export type EvidenceReference = Readonly<z.output<typeof evidenceReferenceSchema>>;
