/** Where evidence for a gate lies in the mission store: what it says, and the SHA-256 of its envelope's bytes (64 hexadecimal digits). */
export interface EvidenceReference {
  /** Predicate type, such as `https://in-toto.io/attestation/test-result/v0.1` or `urn:mission-deploy:rollback-drill:v1`. */
  readonly type: string;
  readonly sha256: string;
}
