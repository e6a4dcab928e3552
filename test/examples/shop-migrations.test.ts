import assert from "node:assert/strict";
import { cp, symlink } from "node:fs/promises";
import { basename, join } from "node:path";
import { ArtifactStore } from "../../artifacts/store.js";
import type { Release } from "../../model/release.js";
import { migrationsValidated } from "../../runner/gates/migrations-validated.js";
import { migrationsOf } from "../../runner/migrate/run-migration.js";
import { buildRelease } from "../../runner/release/build-release.js";
import { emptyFolder, projectRoot, removeCodebases } from "../support/codebases.js";

/** The example's real builds and a real PostgreSQL. */
describe("the shop's migrations", function () {
  this.timeout(120_000);
  let artifacts: ArtifactStore;
  let releases: Record<"1.0.0" | "1.1.0" | "1.1.1", Release>;

  before(async () => {
    const root = projectRoot();
    const codebase = await emptyFolder("shop");
    await cp(join(root, "examples/shop"), codebase, { recursive: true, filter: (path) => !["build", "node_modules"].includes(basename(path)) });
    await symlink(join(root, "node_modules"), join(codebase, "node_modules"));
    artifacts = new ArtifactStore(join(await emptyFolder("artifacts"), "store"));
    const built = (version: string) => buildRelease({ codebase, version, store: artifacts, onOutput: () => undefined });
    releases = { "1.0.0": await built("1.0.0"), "1.1.0": await built("1.1.0"), "1.1.1": await built("1.1.1") };
  });
  after(removeCodebases);

  const gate = (version: keyof typeof releases, live: keyof typeof releases | null) => migrationsValidated({ release: releases[version], live: live && migrationsOf(releases[live]), artifacts, record: null });

  it("of 1.0.0 make the tables, of 1.1.0 on an empty database both steps", async () => {
    const first = await gate("1.0.0", null);
    assert.equal(first.verdict, "PASS", first.summary);
    for (const table of ["products", "carts", "cart_items", "orders"]) assert.ok(first.details.includes(`Table "public.${table}" was added.`));
    assert.equal((await gate("1.1.0", null)).verdict, "PASS");
  });

  it("of 1.1.0 only add to those of 1.0.0 that is live: a column and an index", async () => {
    const { verdict, summary, details } = await gate("1.1.0", "1.0.0");
    assert.equal(verdict, "PASS", summary);
    assert.deepEqual(details.map((each) => each.replace(/ \(.*\)/, "")), ['Column "public.orders.shipped_at" was added.', 'Index "public.orders.orders_to_ship" was added.']);
  });

  it("of 1.1.1 add nothing to those of 1.1.0", async () => {
    const { verdict, measured } = await gate("1.1.1", "1.1.0");
    assert.deepEqual([verdict, measured["changes"]], ["PASS", 0]);
  });
});
