import { join } from "node:path";
import { ArtifactStore } from "../../../artifacts/store.js";
import type { Migrations } from "../../../model/migrations.js";
import type { Release } from "../../../model/release.js";
import { codebase, projectRoot } from "../../support/codebases.js";
import { releaseOf } from "../../support/specs.js";

/** Runs a file of SQL against DATABASE_URL, as one transaction. */
const RUN = `
const { readFileSync } = require("node:fs");
const pg = require(${JSON.stringify(join(projectRoot(), "node_modules", "pg"))});
(async () => {
  const client = new pg.Client({ connectionString: process.env.DATABASE_URL });
  await client.connect();
  await client.query(readFileSync(process.argv[2], "utf8"));
  await client.end();
})().catch((error) => { console.error(error.message); process.exit(3); });
`;

export interface Sql {
  readonly apply: string;
  readonly rollback: string;
}

/** A stored release of "web" whose migrations are two files of SQL. */
export async function releaseWithSql(store: ArtifactStore, version: string, { apply, rollback }: Sql, more: Partial<Migrations> = {}): Promise<Release> {
  return releaseWithFiles(store, version, { "run.cjs": RUN, "apply.sql": apply, "rollback.sql": rollback }, { apply: [process.execPath, "run.cjs", "apply.sql"], rollback: [process.execPath, "run.cjs", "rollback.sql"], ...more });
}

/** A stored release of "web" with any files and commands. */
export async function releaseWithFiles(store: ArtifactStore, version: string, files: Readonly<Record<string, string>>, migrations: Partial<Migrations> & Pick<Migrations, "apply" | "rollback">): Promise<Release> {
  const digest = await store.put(await codebase(files));
  return { ...releaseOf(version, { digest, database: true }), migrations: { service: "web", class: "expand", ...migrations } };
}
