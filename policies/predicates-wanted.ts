import { z } from "zod";
import { ownPredicate } from "../evidence/predicate-types.js";
import { digestSchema } from "../model/digest.js";

/** Types of the statements that production wants besides those of `evidence/predicate-types.ts`. */
export const WANTED = {
  migrations: ownPredicate("migrations"),
  checklist: ownPredicate("checklist"),
  plan: ownPredicate("plan"),
  approval: ownPredicate("approval"),
} as const;

/** How a release's migrations went on a scratch database. `class` is "none" where they changed nothing, so that there was nothing to roll back. */
export const migrationsResultSchema = z.object({
  class: z.string().min(1),
  service: z.string().min(1),
  result: z.enum(["PASSED", "FAILED"]),
  applied: z.boolean(),
  rolledBack: z.boolean(),
  reapplied: z.boolean(),
});

/** What came of each item of a checklist. */
export const checklistResultSchema = z.object({
  items: z.array(z.object({ id: z.string(), title: z.string(), state: z.enum(["passed", "confirmed", "waived", "failed", "open"]), by: z.string().nullable(), reason: z.string().nullable() })),
});

/** What a mission is going to do: the plan by its digest, and of it what is judged. */
export const planSchema = z.object({
  plan: digestSchema,
  strategy: z.object({ name: z.string(), steps: z.array(z.object({ weight: z.number() })) }),
  services: z.record(z.string(), z.object({ digest: digestSchema })),
});

/** Somebody's approval of a plan. */
export const approvalSchema = z.object({ plan: digestSchema, by: z.string().regex(/\S/), author: z.string().regex(/\S/).nullable() });

/** What of a verification summary (SLSA v1) is judged. `inputAttestations` names the drill, where there was one. */
export const verificationSummarySchema = z.object({
  verificationResult: z.enum(["PASSED", "FAILED"]),
  inputAttestations: z.array(z.object({ digest: z.object({ sha256: z.string() }) })).optional(),
});

/** A rollback that was tried in staging: milliseconds until traffic was back, and the gate's verdict. */
export const drillSchema = z.object({ backMs: z.number().min(0), verdict: z.enum(["PASS", "FAIL", "INCONCLUSIVE", "ERROR"]) });
