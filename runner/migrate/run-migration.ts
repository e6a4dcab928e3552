import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import type { ArtifactStore } from "../../artifacts/store.js";
import { runLimited, type LimitedEnd } from "../release/run-limited.js";
import { maskUrl } from "./mask-url.js";
import type { Migrations } from "../../model/migrations.js";
import type { Release } from "../../model/release.js";

/** Milliseconds that one command may take, unless the caller says otherwise. */
export const MIGRATION_LIMIT_MS = 300_000;

/** A release's migrations and where its commands run: the artifact of a service, by digest. */
export interface ReleasedMigrations {
  readonly version: string;
  readonly migrations: Migrations;
  /** Of the artifact of `migrations.service`. */
  readonly digest: string;
}

/** A release's migrations; null when it has none. @throws RangeError when its service is none of the release's */
export function migrationsOf({ version, migrations, services }: Pick<Release, "version" | "migrations" | "services">): ReleasedMigrations | null {
  if (migrations === null) return null;
  const service = services[migrations.service];
  if (service === undefined) throw new RangeError(`Release ${version} has migrations in service "${migrations.service}", which it does not have.`);
  return { version, migrations, digest: service.digest };
}

export interface MigrationRun {
  readonly of: ReleasedMigrations;
  readonly action: "apply" | "rollback";
  /** Handed over in the environment, never as an argument; masked in what comes back. */
  readonly databaseUrl: string;
  readonly artifacts: ArtifactStore;
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds. Default 5 minutes. */
  readonly limitMs?: number | undefined;
}

/** What a migration command inherits, as an instance of a service does; no token or passphrase of the runner. */
const PASSED_ON = ["PATH", "HOME", "LANG", "TZ", "TMPDIR"];

/**
 * Runs one migration command inside the artifact that the release names, after a check that the artifact is what its digest says. When this process
 * is killed the command may go on; it is done again then, and the tool's own lock has to keep two of them apart.
 * @throws UserError (interrupted) when the signal was given; ArtifactError when the artifact is missing or changed
 */
export async function runMigration({ of, action, databaseUrl, artifacts, signal, limitMs = MIGRATION_LIMIT_MS }: MigrationRun): Promise<LimitedEnd> {
  await artifacts.verify(of.digest);
  const directory = artifacts.path(of.digest);
  return runLimited({ command: of.migrations[action], directory, environment: environmentOf(directory, databaseUrl), limitMs, signal, mask: maskUrl(databaseUrl) });
}

function environmentOf(directory: string, databaseUrl: string): Record<string, string> {
  const base = Object.fromEntries(PASSED_ON.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]]))) as Record<string, string>;
  const programs = join(directory, "node_modules", ".bin");
  const path = [...(existsSync(programs) ? [programs] : []), ...(base["PATH"] === undefined ? [] : [base["PATH"]])].join(delimiter);
  return { ...base, PATH: path, DATABASE_URL: databaseUrl };
}
