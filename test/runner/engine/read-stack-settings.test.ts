import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readStackFileSettings } from "../../../runner/engine/read-stack-settings.js";

describe("a stack's file read without the engine", () => {
  const folder = mkdtempSync(join(tmpdir(), "mission-settings-"));
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("is understood also after the engine has written its numbers as text", async () => {
    const file = join(folder, "Pulumi.a-staging.yaml");
    writeFileSync(file, 'config:\n  mission:environment: staging\n  mission:instances: "2"\n  mission:probeRate: "50"\n  mission:keepWarm: 1h\n');
    const { settings, diagnostics } = await readStackFileSettings(file);
    assert.deepEqual([settings?.instances, settings?.probeRate, settings?.keepWarm, diagnostics], [2, 50, "1h", []]);
    writeFileSync(file, 'config:\n  mission:environment: staging\n  mission:instances: "007"\n');
    assert.match(JSON.stringify((await readStackFileSettings(file)).diagnostics), /mission:instances/);
  });

  it("is refused above 64 KiB in one sentence, whatever else is wrong in it", async () => {
    const file = join(folder, "Pulumi.b-staging.yaml");
    writeFileSync(file, `config:\n  mission:environment: nowhere\n  mission:variables:\n    A: ${"x".repeat(70_000)}\n`);
    const { settings, diagnostics } = await readStackFileSettings(file);
    assert.equal(settings, null);
    assert.deepEqual(diagnostics.map(({ path }) => path), ["config"]);
    assert.match(diagnostics[0]?.message ?? "", /^has 70,\d{3} bytes; the largest allowed is 65,536 \(64 KiB\)\./);
  });
});
