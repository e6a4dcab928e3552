import assert from "node:assert/strict";
import { cpSync, mkdirSync, mkdtempSync, realpathSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { packDigest, packEntry } from "../../../runner/policies/pack-digest.js";
import { hasPack, PackRefusal, readyPack } from "../../../runner/policies/policy-pack.js";

describe("the digest of a policy pack", () => {
  let root = "";
  let pack = "";
  beforeEach(() => {
    root = realpathSync(mkdtempSync(join(tmpdir(), "mission-pack-")));
    pack = join(root, "policies");
    mkdirSync(join(root, "built", "rules"), { recursive: true });
    mkdirSync(join(pack, "node_modules", "sdk"), { recursive: true });
    writeFileSync(join(pack, "PulumiPolicy.yaml"), "runtime: nodejs\n");
    writeFileSync(join(pack, "package.json"), '{"main": "../built/pack.cjs"}');
    writeFileSync(join(pack, "pack.yaml"), "approval: false\n");
    writeFileSync(join(pack, "node_modules", "sdk", "index.js"), "1");
    writeFileSync(join(root, "built", "pack.cjs"), 'const rule = require("./rules/window.js"); require("@pulumi/policy");');
    writeFileSync(join(root, "built", "rules", "window.js"), 'exports.x = require("./../shared");');
    writeFileSync(join(root, "built", "shared.js"), "exports.y = 1;");
    writeFileSync(join(root, "built", "other.js"), "of somebody else");
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  const change = (...path: readonly string[]) => writeFileSync(join(root, ...path), "another content");

  it("is the same for the same content, wherever the pack is", () => {
    const copy = realpathSync(mkdtempSync(join(tmpdir(), "mission-pack-copy-")));
    try {
      cpSync(root, copy, { recursive: true });
      assert.equal(packDigest(join(copy, "policies")), packDigest(pack));
      assert.match(packDigest(pack), /^sha256:[0-9a-f]{64}$/);
    } finally {
      rmSync(copy, { recursive: true, force: true });
    }
  });

  for (const path of [["policies", "PulumiPolicy.yaml"], ["policies", "package.json"], ["policies", "pack.yaml"], ["policies", "index.js"], ["built", "pack.cjs"], ["built", "rules", "window.js"], ["built", "shared.js"]]) {
    it(`is another one when ${path.join("/")} is`, () => {
      const before = packDigest(pack);
      change(...path);
      assert.notEqual(packDigest(pack), before);
    });
  }

  it("is another one when a file has another name", () => {
    const before = packDigest(pack);
    renameSync(join(pack, "pack.yaml"), join(pack, "pack.yml"));
    assert.notEqual(packDigest(pack), before);
  });

  it("is of what a link leads to, and does not follow links in a circle", () => {
    symlinkSync(join(root, "built", "other.js"), join(pack, "linked.js"));
    symlinkSync(pack, join(pack, "again"));
    const before = packDigest(pack);
    change("built", "other.js");
    assert.notEqual(packDigest(pack), before);
  });

  it("leaves out packages, and modules that the pack does not take in", () => {
    const before = packDigest(pack);
    change("policies", "node_modules", "sdk", "index.js");
    change("built", "other.js");
    assert.equal(packDigest(pack), before);
  });

  it("leaves out what is hidden and what an editor leaves, which are no part of a pack", () => {
    const before = packDigest(pack);
    for (const name of [".pack.yaml.swp", "pack.yaml~", ".DS_Store"]) change("policies", name);
    assert.equal(packDigest(pack), before);
  });

  it("is unknown where a file cannot be read, which refuses instead of breaking off", () => {
    symlinkSync("loop", join(pack, "loop"));
    assert.throws(() => readyPack({ directory: pack, pinned: null }), (error: unknown) => error instanceof PackRefusal && /cannot be read \(ELOOP/.test(error.message) && !error.objected);
  });

  it("finds the entry in PulumiPolicy.yaml before that in package.json, and index.js without both", () => {
    assert.equal(packEntry(pack), join(root, "built", "pack.cjs"));
    writeFileSync(join(pack, "PulumiPolicy.yaml"), "runtime: nodejs\nmain: ../built/other\n");
    assert.equal(packEntry(pack), join(root, "built", "other.js"));
    writeFileSync(join(pack, "PulumiPolicy.yaml"), "runtime: nodejs\n");
    writeFileSync(join(pack, "package.json"), "{}");
    assert.equal(packEntry(pack), join(pack, "index.js"));
  });

  describe("when the pack is to be run", () => {
    const refusal = (pinned: string | null) => {
      try {
        return readyPack({ directory: pack, pinned });
      } catch (error) {
        assert.ok(error instanceof PackRefusal);
        assert.equal(error.exitCode, 5);
        return error.message;
      }
    };

    it("is what it was pinned to, or both digests are told", () => {
      const pinned = packDigest(pack);
      assert.equal(refusal(pinned), pinned);
      assert.equal(refusal(null), pinned);
      change("policies", "pack.yaml");
      assert.match(refusal(pinned), /^The policy pack has changed since the plan was made: the plan pins sha256:[0-9a-f]{64}, ".*policies" now holds sha256:[0-9a-f]{64}\. /);
      assert.ok(refusal(pinned).includes(pinned) && refusal(pinned).includes(packDigest(pack)));
    });

    it("wants its folder and its build", () => {
      rmSync(join(root, "built", "pack.cjs"));
      assert.match(refusal(null), /is not built: ".*pack\.cjs" is missing/);
      rmSync(join(pack, "PulumiPolicy.yaml"));
      assert.equal(hasPack(pack), false);
      assert.match(refusal(null), /^There is no policy pack in/);
    });

    for (const name of ["PULUMI_OPTION_POLICY_PACK", "PULUMI_OPTION_POLICY_PACK_CONFIG"]) {
      it(`is not overruled by ${name}`, () => {
        process.env[name] = join(root, "weaker.json");
        try {
          assert.match(refusal(null), new RegExp(`sets ${name}, which would overrule`));
        } finally {
          delete process.env[name];
        }
      });
    }
  });
});
