import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { publicKeyText } from "../../evidence/signing-key.js";
import { homeOf } from "../../model/home.js";
import { openContext } from "../../policies/open-context.js";
import { readConfig } from "../../policies/read-config.js";
import { directoryEvidenceStore } from "../../runner/evidence/evidence-store.js";
import { developmentKey } from "../../runner/evidence/keys.js";
import { recordEvidence } from "../../runner/evidence/record-evidence.js";
import { directoryStore } from "../../runner/store/directory-store.js";
import { claim, newKey } from "../evidence/support.js";
import { emptyFolder } from "../support/codebases.js";

const root = join(__dirname, "..", "..", "..");
const key = newKey();
const pem = (text: string) => text.trim().split("\n").map((line) => `      ${line}`).join("\n");
const TEST = "https://in-toto.io/attestation/test-result/v0.1";
const trusted = (text: string, type = TEST, name = "CI") => `  - name: ${name}\n    publicKey: |\n${pem(text)}\n    types: ["${type}"]\n    environments: [production]\n`;

describe("the pack's configuration", () => {
  it("that comes with the pack has all defaults and trusts nobody", async () => {
    const opened = openContext({ pack: join(root, "policies"), home: await emptyFolder("home") });
    assert.ok(opened.ok);
    assert.deepEqual(opened.context.config, { staging: ["staging", "*-staging"], trust: [], maxMissionAge: "24h", maxStagingAge: "24h", approval: false, registries: ["*.dkr.ecr.*.amazonaws.com"] });
    assert.deepEqual(readConfig("", "policies/pack.yaml"), { ok: true, config: opened.context.config });
  });

  it("names whose signatures count", () => {
    const reading = readConfig(`trust:\n${trusted(publicKeyText(key))}`, "policies/pack.yaml");
    assert.ok(reading.ok);
    assert.deepEqual(reading.config.trust.map(({ name, types, environments }) => [name, types, environments]), [["CI", [TEST], ["production"]]]);
  });

  it("names the registries of images, which are no patterns of another kind", () => {
    assert.ok(readConfig('registries: ["ghcr.io/acme", "registry.internal:5000"]', "policies/pack.yaml").ok);
    const reading = readConfig('registries: ["https://ghcr.io|.*"]', "policies/pack.yaml");
    assert.deepEqual(reading.ok ? [] : reading.mistakes, ['"policies/pack.yaml:registries[0]" is "https://ghcr.io|.*"; allowed is a registry such as *.dkr.ecr.*.amazonaws.com, or a path of one such as ghcr.io/acme.']);
  });

  it("denies everything for any mistake, each a sentence", () => {
    const mistakes = (text: string) => {
      const reading = readConfig(text, "policies/pack.yaml");
      return reading.ok ? [] : reading.mistakes;
    };
    assert.match(mistakes("a: [")[0] ?? "", /^"policies\/pack\.yaml" is not valid YAML in line 1, column \d+: .*\.$/);
    assert.match(mistakes("approval: true\napproval: false")[0] ?? "", /^"policies\/pack\.yaml" is not valid YAML in line 2/);
    assert.deepEqual(mistakes("approved: true\nmaxMissionAge: 1d\nstaging: staging"), [
      '"policies/pack.yaml:staging" is "staging"; expected is an array.',
      '"policies/pack.yaml:maxMissionAge" is "1d"; allowed is a duration from 1m to 168h, such as 30s.',
      '"policies/pack.yaml:approved" is not a known key; check its spelling or remove it.',
    ]);
    assert.deepEqual(mistakes("- a"), ['"policies/pack.yaml:" is ["a"]; expected is an object.']);
    const secret = generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }).toString();
    const [first, ...more] = mistakes(`trust:\n${trusted(secret)}`);
    assert.equal(first, '"policies/pack.yaml:trust[0].publicKey" (CI) is no Ed25519 public key in PEM; allowed is what begins with -----BEGIN PUBLIC KEY-----.');
    assert.deepEqual(more, []);
    assert.deepEqual(mistakes(`trust:\n${trusted(publicKeyText(key))}${trusted(publicKeyText(key), TEST, "Other")}`), ['"policies/pack.yaml:trust[1].publicKey" (Other) is the key of "CI" once more; name each key once, with all that it may sign.']);
    assert.match(mistakes(`trust:\n${trusted(publicKeyText(key), "test-result")}`)[0] ?? "", /^"policies\/pack\.yaml:trust\[0\]\.types\[0\]" is "test-result", which no policy asks for; allowed is https:\/\/in-toto\.io/);
  });

  it("must be there", async () => {
    const pack = await emptyFolder("pack");
    assert.deepEqual(openContext({ pack, home: pack }), { ok: false, mistakes: ['"policies/pack.yaml" is not there, so nothing can be judged; restore it.'] });
    await mkdir(join(pack, "pack.yaml"));
    assert.deepEqual(openContext({ pack, home: pack }), { ok: false, mistakes: ['"policies/pack.yaml" cannot be read (EISDIR); make it a readable file.'] });
  });
});

describe("what the pack reads of the mission store", () => {
  const open = async (home: string) => {
    const opened = openContext({ pack: join(root, "policies"), home });
    assert.ok(opened.ok);
    return opened.context;
  };

  it("is the evidence, the freeze and the hold that the runner has written there", async () => {
    const home = await emptyFolder("home");
    const context = await open(home);
    assert.deepEqual(await context.standing("shop"), { freeze: null, hold: null });
    const store = directoryStore(join(home, "store", "environments"));
    const freeze = { reason: "Sales", by: "Ada", at: "2026-11-25T08:00:00.000Z" };
    await store.set("shop", "freeze", freeze);
    assert.deepEqual(await context.standing("shop"), { freeze, hold: null });
    await store.clear("shop", "freeze", freeze);
    await store.set("shop", "hold", freeze);
    assert.deepEqual(await context.standing("shop"), { freeze: null, hold: freeze });

    const reference = await recordEvidence({ store: directoryEvidenceStore(join(home, "store", "evidence")), key }, claim);
    const stored = await context.read(reference);
    assert.ok(stored.ok);
    assert.equal(stored.envelope.signatures[0]?.keyid, key.keyId);
    assert.deepEqual(await context.read({ ...reference, sha256: "0".repeat(64) }), { ok: false, problem: 'Evidence "000000000000" is not in the store; run the gate again that makes it.' });
  });

  it("is never taken for nothing when it cannot be understood", async () => {
    const home = await emptyFolder("home");
    const context = await open(home);
    const folder = join(home, "store", "environments", "shop");
    await mkdir(folder, { recursive: true });
    for (const text of ["", "{}", '{"reason":"x","by":"y","at":"today"}']) {
      await writeFile(join(folder, "freeze.json"), text);
      await assert.rejects(context.standing("shop"), /^Error: Whether stack "shop" is frozen cannot be found out: ".*freeze\.json" is not what was written there; restore it, or remove it when nobody works on that environment\.$/);
    }
    await assert.rejects(context.standing("../keys"), /Whether stack "\.\.\/keys" is frozen cannot be found out: it is no name of a stack/);
    await writeFile(join(home, "store", "environments", "web"), "");
    await assert.rejects(context.standing("web"), /cannot be read \(ENOTDIR\)/);
  });

  it("is the public half of the development key, and no more", async () => {
    const home = await emptyFolder("home");
    assert.equal(await (await open(home)).developmentKey?.(), null);
    const made = await developmentKey(join(home, "keys"));
    assert.equal(await (await open(home)).developmentKey?.(), publicKeyText(made));
    await writeFile(join(home, "keys", "development.pub.pem"), publicKeyText(made));
    await chmod(join(home, "keys", "development.pem"), 0o000);
    assert.equal(await (await open(home)).developmentKey?.(), publicKeyText(made));
    const secret = generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }).toString();
    await writeFile(join(home, "keys", "development.pub.pem"), secret);
    await assert.rejects(async () => (await open(home)).developmentKey?.(), (error: Error) => /^The development key ".*development\.pub\.pem" is no Ed25519 key in PEM; restore it, or remove it, and a new one is made\.$/.test(error.message) && !error.message.includes(secret.slice(30, 60)));
  });
});

describe("the home of a project", () => {
  it("is MISSION_HOME, or .mission in the project", () => {
    assert.equal(homeOf("/srv/shop", undefined), process.env["MISSION_HOME"] ?? "/srv/shop/.mission");
    assert.equal(homeOf("/srv/shop", "/data/mission"), "/data/mission");
  });
});
