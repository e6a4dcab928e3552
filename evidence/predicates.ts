import { z } from "zod";
import { digestOf } from "../model/digest.js";
import { commandLineSchema } from "../model/command.js";
import { versionSchema } from "../model/names.js";
import { releaseSchema } from "../model/release.js";

const count = z.int().min(0);

/**
 * test-result v0.1 as a gate makes it. Standard are `result`, `configuration` and `failedTests` (the first 10 names); the fields of ours say how
 * many ran and which report says so.
 */
export const testResultSchema = z.object({
  result: z.enum(["PASSED", "WARNED", "FAILED"]),
  configuration: z.array(z.object({ name: z.string(), digest: z.object({ sha256: z.string() }), annotations: z.object({ command: commandLineSchema }) })).min(1),
  failedTests: z.array(z.string()),
  missionDeploy_counts: z.object({ executed: count, passed: count, failed: count, skipped: count }),
  missionDeploy_report: z.object({ source: z.string(), digest: z.string().nullable() }),
});
export type TestResult = z.output<typeof testResultSchema>;

/** How the artifacts of a release were built. */
export const BUILD_TYPE = "urn:mission-deploy:build:v1";
/** A build by `./mission` on a machine of its user's: nothing but the signing key says which one. */
export const LOCAL_BUILDER = "urn:mission-deploy:builder:local:v1";

/** SLSA provenance v1 of a build by `./mission`. */
export const provenanceSchema = z.object({
  buildDefinition: z.object({
    buildType: z.literal(BUILD_TYPE),
    externalParameters: z.object({ command: commandLineSchema.nullable(), version: versionSchema, commit: releaseSchema.shape.commit }),
    resolvedDependencies: z.array(z.object({ name: z.literal("source"), digest: z.object({ gitCommit: z.string() }) })),
  }),
  runDetails: z.object({ builder: z.object({ id: z.string() }), metadata: z.object({ invocationId: z.string() }) }),
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

/** How the configuration of a test run is named in `configuration`: its command, and the digest of that. */
export function testConfiguration(command: string): TestResult["configuration"] {
  return [{ name: "test-command", digest: { sha256: digestOf(command).slice("sha256:".length) }, annotations: { command } }];
}
