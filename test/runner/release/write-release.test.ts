import assert from "node:assert/strict";
import { chmod, lstat, readFile, readdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "yaml";
import { releaseSchema, type Release } from "../../../model/release.js";
import { UserError } from "../../../runner/errors.js";
import { CONFIGURATION_LIMIT, configurationSize } from "../../../model/configuration-limit.js";
import { writeRelease } from "../../../runner/release/write-release.js";
import { codebase, emptyFolder, removeCodebases } from "../../support/codebases.js";

function releaseWith(variables: Record<string, string | null> = { LEVEL: "info", REGION: null }, version = "1.10"): Release {
  return {
    application: "shop",
    version,
    commit: "1234567890123456789012345678901234567890",
    services: {
      web: {
        digest: `sha256:${"0".repeat(64)}`,
        command: ["/bin/sh", "-c", "export A=1\nexec node server.js"],
        readiness: { tcp: true, interval: "1s", timeout: "5s", successes: 2, failures: 3 },
        liveness: null,
        variables,
        secrets: [],
        database: false,
      },
    },
    migrations: null,
  };
}

const written = async (file: string) => (parse(await readFile(file, "utf8")) as { config: Record<string, unknown> }).config["mission:release"];

async function refusal(file: string, release: Release): Promise<UserError> {
  const error: unknown = await writeRelease(file, release).then(
    () => assert.fail("not refused"),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof UserError, String(error));
  assert.equal(error.exitCode, 2);
  return error;
}

describe("writing a release into a stack's file", () => {
  afterEach(removeCodebases);

  it("keeps comments and order of everything else, and replaces the release before", async () => {
    const head = "# What production is\nsecretsprovider: passphrase   # here\nconfig:\n  # where\n  mission:platform: 'sandbox'\n";
    const tail = "\n  # who is told\n  mission:notifications: [ {type: file, path: x} ]\n# end\n";
    const file = join(await codebase({ "Pulumi.production.yaml": head + tail }), "Pulumi.production.yaml");
    await writeRelease(file, releaseWith());
    const first = await readFile(file, "utf8");
    await writeRelease(file, releaseWith({}, "2"));
    const second = await readFile(file, "utf8");
    for (const text of [first, second]) {
      assert.ok(text.startsWith(head));
      assert.ok(text.endsWith("\n# end\n"));
      assert.ok(text.includes("\n  # who is told\n  mission:notifications: [ {type: file, path: x} ]\n"));
    }
    assert.deepEqual(releaseSchema.parse(await written(file)), releaseWith({}, "2"));
    await writeRelease(file, releaseWith());
    assert.equal(await readFile(file, "utf8"), first);
  });

  it("makes a file that is missing, for its owner only, and leaves nothing beside it", async () => {
    const directory = await emptyFolder();
    const file = join(directory, "stacks", "Pulumi.new.yaml");
    await writeRelease(file, releaseWith());
    assert.deepEqual(await written(file), releaseWith());
    assert.equal((await stat(file)).mode & 0o777, 0o600);
    assert.deepEqual(await readdir(join(directory, "stacks")), ["Pulumi.new.yaml"]);
  });

  it("keeps permissions and links, and does not touch a file that has this release", async () => {
    const directory = await codebase({ "real.yaml": "config: {}\n", "Pulumi.x.yaml": { link: "real.yaml" } });
    await chmod(join(directory, "real.yaml"), 0o640);
    const file = join(directory, "Pulumi.x.yaml");
    await writeRelease(file, releaseWith());
    assert.ok((await lstat(file)).isSymbolicLink());
    const before = await stat(file);
    assert.equal(before.mode & 0o777, 0o640);
    await writeRelease(file, releaseWith());
    assert.equal((await stat(file)).ino, before.ino);
  });

  it("refuses a configuration of more than 64 KiB as JSON, naming size and limit, and changes nothing", async () => {
    const file = join(await codebase({ x: "config:\n  a:b: c\n" }), "x");
    const size = (length: number) => configurationSize({ "a:b": "c", "mission:release": releaseWith({ TEXT: "ü".repeat(length) }) });
    const most = Math.floor((CONFIGURATION_LIMIT - size(0)) / 2);
    const error = await refusal(file, releaseWith({ TEXT: "ü".repeat(most + 1) }));
    assert.ok(error.message.includes(`With this release, the configuration in "${file}" has ${size(most + 1).toLocaleString("en")} bytes; the largest allowed is 65,536 (64 KiB).`), error.message);
    assert.equal(await readFile(file, "utf8"), "config:\n  a:b: c\n");
    await writeRelease(file, releaseWith({ TEXT: "ü".repeat(most) }));
  });

  it("refuses a map that Pulumi would take for an encrypted value", async () => {
    const error = await refusal(join(await emptyFolder(), "x"), releaseWith({ secure: "plain" }));
    assert.deepEqual(error.diagnostics, [{ path: "mission:release.services.web.variables", message: 'has the single key "secure", which Pulumi takes for an encrypted value; choose another name.' }]);
    await writeRelease(join(await emptyFolder(), "x"), releaseWith({ secure: "plain", other: "plain" }));
  });

  it("refuses what is no stack file, with line and column, and what is no file", async () => {
    const directory = await codebase({ x: "config:\n  a: 1\n a: 2\n" });
    assert.match((await refusal(join(directory, "x"), releaseWith())).message, /^The release cannot be written into ".*":\n {2}".*" is not valid YAML in line 3, column \d: /);
    assert.equal(await readFile(join(directory, "x"), "utf8"), "config:\n  a: 1\n a: 2\n");
    assert.match((await refusal(directory, releaseWith())).message, /cannot be read or written \(EISDIR\); make it a file that can\.$/);
    await writeFile(join(directory, "y"), "");
    assert.match((await refusal(join(directory, "y", "z"), releaseWith())).message, /\(ENOTDIR\)/);
  });
});
