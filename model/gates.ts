import { z } from "zod";
import { digestSchema } from "./digest.js";
import { evidenceReferenceSchema } from "./evidence.js";

/**
 * What a change of a stack rests on: configuration `mission:gates`, which the runner writes into its own copy of the stack's file, and
 * `mission evidence add` into that of a person. It says where evidence lies, never what it says: who judges, reads it and verifies it by himself.
 */
export const gatesSchema = z.strictObject({
  /** Id of the mission that makes the change; null by hand. */
  mission: z.string().min(1).max(200).nullable().default(null),
  /** Digest of the plan that the change follows (`planDigest`). */
  plan: digestSchema.nullable().default(null),
  /** Envelopes in the mission store, 64 at most. One statement is about all services of a release, so that their number does not count. */
  evidence: z.array(evidenceReferenceSchema).max(64).default([]),
});
export type Gates = z.output<typeof gatesSchema>;
