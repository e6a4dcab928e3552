import { z } from "zod";
import { digestSchema } from "./digest.js";
import { imageRepositorySchema } from "./image.js";
import { migrationsSchema } from "./migrations.js";
import { nameSchema, variableNameSchema, versionSchema } from "./names.js";
import { probeSchema } from "./probe.js";

/** What a release says of one service: everything that does not depend on the environment. */
export const releasedServiceSchema = z.strictObject({
  /** Digest of the artifact, see `artifacts/tree-digest.ts`; of an image its registry's. */
  digest: digestSchema,
  /** Repository of a container image, without tag and digest; a folder of files has none. */
  image: imageRepositorySchema.optional(),
  /** The program and its arguments; run inside the artifact, without a shell. None: what the image says itself. */
  command: z.array(z.string().min(1)),
  /** Whether an instance may get traffic. */
  readiness: probeSchema,
  /** Whether an instance must be restarted; none when null. */
  liveness: probeSchema.nullable(),
  /** Variables it reads, with their default; null means that the environment must give a value. */
  variables: z.record(variableNameSchema, z.string().nullable()),
  /** Names of the secrets it needs. */
  secrets: z.array(variableNameSchema),
  /** Whether it gets DATABASE_URL. */
  database: z.boolean(),
});
/** A service that says neither an image nor a command can run nowhere. */
const runnableSchema = releasedServiceSchema.refine(({ image, command }) => image !== undefined || command.length > 0, { path: ["command"], error: "is empty; allowed is a program and its arguments, and none only for an image" });
export type ReleasedService = z.output<typeof releasedServiceSchema>;

/** An immutable release of an application: configuration `mission:release`. */
export const releaseSchema = z.strictObject({
  application: nameSchema,
  version: versionSchema,
  /** The commit it was built from; null when the codebase is no git tree. */
  commit: z.string().regex(/^[0-9a-f]{40}([0-9a-f]{24})?(-dirty)?$/, "allowed is a full git commit, with -dirty when the tree was").nullable(),
  services: z.record(nameSchema, runnableSchema).refine((services) => Object.keys(services).length > 0, {
    error: "a release has at least one service",
  }),
  /** How the database follows; the commands run in the artifact of one of the services. */
  migrations: migrationsSchema.nullable().default(null),
});
export type Release = z.output<typeof releaseSchema>;
