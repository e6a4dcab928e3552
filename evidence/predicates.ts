import { z } from "zod";
import { digestOf, digestSchema } from "../model/digest.js";
import { commandLineSchema } from "../model/command.js";
import { migrationsSchema } from "../model/migrations.js";
import { nameSchema, versionSchema } from "../model/names.js";
import { releaseSchema } from "../model/release.js";
import { PREDICATE } from "./predicate-types.js";

const count = z.int().min(0);

/** What was run: the command, where our gate ran it; the format of the report, where another program did (`mission evidence add`). */
const testedBySchema = z.union([z.object({ command: commandLineSchema }), z.object({ report: z.string().min(1) })]);

/**
 * test-result v0.1 as a gate, or an importer, makes it. Standard are `result`, `configuration` and `failedTests` (the first 10 names); the fields of
 * ours say how many ran and which report says so.
 */
export const testResultSchema = z.object({
  result: z.enum(["PASSED", "WARNED", "FAILED"]),
  configuration: z.array(z.object({ name: z.string(), digest: z.object({ sha256: z.string() }), annotations: testedBySchema })).min(1),
  failedTests: z.array(z.string()),
  missionDeploy_counts: z.object({ executed: count, passed: count, failed: count, skipped: count }),
  missionDeploy_report: z.object({ source: z.string(), digest: z.string().nullable() }),
});
export type TestResult = z.output<typeof testResultSchema>;

/** How the artifacts of a release were built. */
export const BUILD_TYPE = "urn:mission-deploy:build:v1";
/** A build by `./mission` on a machine of its user's: nothing but the signing key says which one. */
export const LOCAL_BUILDER = "urn:mission-deploy:builder:local:v1";

/** A build by somebody else, whose provenance was imported: see docs/decisions/0010-evidence-of-others.md. */
export const IMPORTED_BUILD_TYPE = "urn:mission-deploy:imported-build:v1";

/** Provenance that somebody else has signed, as ours names it. */
export const importedProvenanceSchema = z.object({
  /** SHA-256 of the envelope's bytes, 64 hexadecimal digits; they lie in the store as they came. */
  envelope: z.object({ sha256: z.string().regex(/^[0-9a-f]{64}$/) }),
  /** Its own `buildType`, for people. */
  buildType: z.string().min(1),
  /** The key whose signature the importer has verified. */
  keyId: z.string().regex(/^[0-9a-f]{64}$/),
});

/** SLSA provenance v1 of a build by `./mission`, or of one whose provenance was imported; `builder` is whoever built. */
export const provenanceSchema = z.object({
  buildDefinition: z.object({
    buildType: z.enum([BUILD_TYPE, IMPORTED_BUILD_TYPE]),
    externalParameters: z.object({ command: commandLineSchema.nullable(), version: versionSchema, commit: releaseSchema.shape.commit }),
    resolvedDependencies: z.array(z.object({ name: z.literal("source"), digest: z.object({ gitCommit: z.string() }) })),
  }),
  runDetails: z.object({ builder: z.object({ id: z.string().min(1) }), metadata: z.object({ invocationId: z.string().min(1) }) }),
  missionDeploy_imported: importedProvenanceSchema.optional(),
});
export type Provenance = z.output<typeof provenanceSchema>;

/** What was built, from what, by whom. A commit with changes on top of it is no source that could be found again, so it is only a parameter then. */
export function provenanceOf(build: { readonly command: string | null; readonly version: string; readonly commit: string | null; readonly mission: string; readonly builder?: string }): Provenance {
  const { command, version, commit, mission, builder = LOCAL_BUILDER } = build;
  const clean = commit !== null && !commit.endsWith("-dirty");
  return {
    buildDefinition: {
      buildType: BUILD_TYPE,
      externalParameters: { command, version, commit },
      resolvedDependencies: clean ? [{ name: "source", digest: { gitCommit: commit } }] : [],
    },
    runDetails: { builder: { id: builder }, metadata: { invocationId: mission } },
  };
}

/** Gates that a hotfix may leave out. */
export const WAIVABLE = ["staging-verified", "window-open"] as const;
export type Waivable = (typeof WAIVABLE)[number];

/** What a hotfix leaves out, why, who said so and when. */
export const waiverSchema = z.object({
  waived: z.array(z.enum(WAIVABLE)).min(1),
  reason: z.string().regex(/\S/),
  by: z.string().regex(/\S/),
  /** ISO 8601, in UTC. */
  at: z.iso.datetime(),
});
export type Waiver = z.output<typeof waiverSchema>;

/** Migrations on a scratch database: of the artifact of one service of the release. */
export const migrationsResultSchema = z.object({
  service: nameSchema,
  /** As the release declares it; `none`: they change nothing that the live release has not, so there was nothing to take back. */
  class: z.enum([...migrationsSchema.shape.class.unwrap().options, "none"]),
  result: z.enum(["PASSED", "FAILED"]),
  applied: z.boolean(),
  /** False for the class `none`, too: what was not added cannot be taken back. */
  rolledBack: z.boolean(),
  /** Applied once more to the very same schema. */
  reapplied: z.boolean(),
});
export type MigrationsResult = z.output<typeof migrationsResultSchema>;

export const CHECKLIST_STATES = ["passed", "confirmed", "waived", "failed", "open"] as const;

/** What is to be done before a release. A codebase without a checklist has an empty one. */
export const checklistResultSchema = z.object({
  items: z.array(
    z.object({
      id: z.string().min(1),
      title: z.string(),
      state: z.enum(CHECKLIST_STATES),
      /** Who has confirmed or waived it; null where a command or a file decides, or nobody has. */
      by: z.string().regex(/\S/).nullable(),
      /** Why it is waived. */
      reason: z.string().regex(/\S/).nullable(),
    }),
  ),
});
export type ChecklistResult = z.output<typeof checklistResultSchema>;

/** What a mission is going to do in production, by the digest of its plan. */
export const planSchema = z.object({
  plan: digestSchema,
  strategy: z.object({ name: z.string().min(1), steps: z.array(z.object({ weight: z.int().min(1).max(100) })).min(1) }),
  services: z.record(nameSchema, z.object({ digest: digestSchema })),
});
export type PlanStatement = z.output<typeof planSchema>;

/** What of a verification summary (SLSA v1) of staging counts; `inputAttestations` names the drill, where there was one. */
export const verificationSummarySchema = z.object({
  verificationResult: z.enum(["PASSED", "FAILED"]),
  inputAttestations: z.array(z.object({ digest: z.object({ sha256: z.string() }) })).optional(),
});

/** A rollback that was tried in staging: milliseconds until traffic was back, and the gate's verdict. */
export const drillSchema = z.object({ backMs: z.number().min(0), verdict: z.enum(["PASS", "FAIL", "INCONCLUSIVE", "ERROR"]) });

/** A person agrees to a plan. Who may is said by the key that signs; `by` and `author` are for telling that it is not the author. */
export const approvalSchema = z.object({
  plan: digestSchema,
  /** Who approves, as git knows them; where it does not, the user and the machine, such as `ada@build-1`. */
  by: z.string().regex(/\S/),
  /** Author of the release's commit as git names them, `Ada <ada@example.com>`; null when that is not known. */
  author: z.string().regex(/\S/).nullable(),
});
export type ApprovalStatement = z.output<typeof approvalSchema>;

/** What a predicate of each type must be. */
export const PREDICATE_SCHEMAS: Readonly<Record<string, z.ZodType>> = {
  [PREDICATE.testResult]: testResultSchema,
  [PREDICATE.provenance]: provenanceSchema,
  [PREDICATE.migrations]: migrationsResultSchema,
  [PREDICATE.checklist]: checklistResultSchema,
  [PREDICATE.verificationSummary]: verificationSummarySchema,
  [PREDICATE.rollbackDrill]: drillSchema,
  [PREDICATE.plan]: planSchema,
  [PREDICATE.approval]: approvalSchema,
  [PREDICATE.waiver]: waiverSchema,
};

/** How the configuration of a test run is named in `configuration`: its command, and the digest of that. */
export function testConfiguration(command: string): TestResult["configuration"] {
  return [{ name: "test-command", digest: { sha256: digestOf(command).slice("sha256:".length) }, annotations: { command } }];
}
