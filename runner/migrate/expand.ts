import type { ArtifactStore } from "../../artifacts/store.js";
import type { Release } from "../../model/release.js";
import { EXIT, UserError } from "../errors.js";
import type { Json } from "../mission/journal-port.js";
import type { PlatformAdapter } from "../platforms/adapter.js";
import { inWords } from "../release/run-limited.js";
import { migrationsOf, runMigration } from "./run-migration.js";
import { isExpand, schemaDiff } from "./schema-diff.js";
import { schemaSnapshot, snapshotDigest } from "./schema-snapshot.js";

export interface ApplyExpandOptions {
  readonly release: Release;
  readonly adapter: Pick<PlatformAdapter, "database">;
  readonly artifacts: ArtifactStore;
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds that the command may take. Default 5 minutes. */
  readonly limitMs?: number | undefined;
}

/**
 * Applies a release's expand migrations to the environment's database, which is brought into being where there is none yet. Done again, it changes
 * nothing and says so.
 * @returns what changed, for the record: version, artifact, the changes in words, digests of the schema before and after; null when the release has
 *   no migrations
 * @throws UserError: refused for another class than expand, or where the platform has no database; failed when the command fails, or when what it did
 *   was no expand; interrupted. ArtifactError when the artifact is missing or changed
 */
export async function applyExpand({ release, adapter, artifacts, signal, limitMs }: ApplyExpandOptions): Promise<Json> {
  const of = migrationsOf(release);
  if (of === null) return null;
  const name = `${release.application} ${release.version}`;
  if (of.migrations.class !== "expand") throw new UserError(EXIT.refused, `The migrations of ${name} are of class "${of.migrations.class}"; this version deploys only expand migrations.`);
  const databaseUrl = await adapter.database();
  if (databaseUrl === null) throw new UserError(EXIT.refused, `${name} has migrations, and the platform of this environment has no database; use a platform that has one, or remove "migrations" from mission.yaml.`);
  const before = await schemaSnapshot(databaseUrl);
  const end = await runMigration({ of, action: "apply", databaseUrl, artifacts, signal, limitMs });
  if (end.failure !== null) throw new UserError(EXIT.failed, `The migrations of ${name} cannot be applied to the environment's database: the command ${inWords(end)}`);
  const after = await schemaSnapshot(databaseUrl);
  const changes = schemaDiff(before, after);
  if (!isExpand(changes)) {
    const wrong = changes.filter(({ expand }) => !expand).map(({ sentence }) => sentence);
    throw new UserError(EXIT.failed, `The migrations of ${name} were no expand on the environment's database, although they were one on the scratch database; see what serves, then put it right by hand. ${wrong.join(" ")}`);
  }
  return { version: of.version, artifact: of.digest, changes: changes.map(({ sentence }) => sentence), schemaBefore: snapshotDigest(before), schemaAfter: snapshotDigest(after), milliseconds: end.milliseconds };
}
