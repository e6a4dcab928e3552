import assert from "node:assert/strict";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { refuseStaleBuild } from "../../components/build-check.js";
import { projectRoot } from "../../runner/engine/engine-environment.js";

describe("a build", () => {
  const root = mkdtempSync(join(tmpdir(), "mission-stale-"));
  before(() => {
    for (const name of ["launcher", "model", "tsconfig.json", "package-lock.json", "index.ts"]) cpSync(join(projectRoot(), name), join(root, name), { recursive: true });
    mkdirSync(join(root, "dist"));
  });
  after(() => rmSync(root, { recursive: true, force: true }));
  const built = (sources: string) => writeFileSync(join(root, "dist", "build.json"), JSON.stringify({ sources }));

  it("of these sources runs", () => {
    const { sourceHash } = createRequire(__filename)(join(root, "launcher", "source-hash.cjs")) as { sourceHash: (root: string) => string };
    built(sourceHash(root));
    refuseStaleBuild(join(root, "dist"));
  });

  it("of other sources is refused, in one sentence that names the command", () => {
    writeFileSync(join(root, "index.ts"), "// edited since\n");
    assert.throws(() => refuseStaleBuild(join(root, "dist")), /^\w*Error: The build in dist\/ is stale: its sources have changed since\. Build it with: npm run build$/);
  });
});
