import assert from "node:assert/strict";
import { chmod, readdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "yaml";
import { PREDICATE } from "../../../evidence/predicate-types.js";
import { ROLES, ROLE_TYPES } from "../../../evidence/roles.js";
import { packConfigSchema } from "../../../policies/pack-config.js";
import { UserError } from "../../../runner/errors.js";
import { developmentKey } from "../../../runner/evidence/keys.js";
import { createKey, keyCard, keyCards, keyFor, rotateKey } from "../../../runner/evidence/named-keys.js";
import { packEntry } from "../../../runner/evidence/pack-entry.js";
import { emptyFolder, removeCodebases } from "../../support/codebases.js";

describe("keys with roles", () => {
  let directory: string;
  beforeEach(async () => (directory = join(await emptyFolder("keys"), "keys")));
  afterEach(removeCodebases);

  const make = (role: string, name?: string, at = "2026-01-01T00:00:00.000Z") => createKey(role, name, new Date(at), directory);
  const refuses = async (work: Promise<unknown>, exitCode: number, pattern: RegExp) => {
    const error: unknown = await work.then(() => assert.fail("not refused"), (reason: unknown) => reason);
    assert.ok(error instanceof UserError, String(error));
    assert.equal(error.exitCode, exitCode, error.message);
    assert.match(error.message, pattern);
    return error.message;
  };
  /** Every line of every private half that lies there. */
  const secrets = async () => (await Promise.all((await readdir(directory)).filter((file) => /^[a-z-]+\.pem$/.test(file)).map((file) => readFile(join(directory, file), "utf8")))).flatMap((text) => text.split("\n").filter((line) => line !== "" && !line.startsWith("-----")));

  it("are made for their owner only, with their public half beside them, and are called by their role where no name is given", async () => {
    const card = await make("tester");
    assert.deepEqual((await readdir(directory)).sort(), ["tester.json", "tester.pem", "tester.pub.pem"]);
    assert.equal((await stat(join(directory, "tester.pem"))).mode & 0o777, 0o600);
    assert.equal(await readFile(join(directory, "tester.pub.pem"), "utf8"), card.publicKey);
    assert.deepEqual([card.name, card.role, card.types, card.createdAt, card.retired], ["tester", "tester", [PREDICATE.testResult], "2026-01-01T00:00:00.000Z", []]);
  });

  it("sign what their role covers, and nothing else", async () => {
    await make("developer", "ci");
    assert.equal((await keyFor("ci", [PREDICATE.provenance, PREDICATE.testResult], directory)).keyId, (await keyCard("ci", directory)).keyId);
    await refuses(keyFor("ci", [PREDICATE.provenance, PREDICATE.plan], directory), 5, /^Key "ci" has the role developer, which does not cover urn:mission-deploy:plan:v1; allowed is a key of the role operator\. Nothing was signed\.$/);
  });

  it("are never made over one that is there, for no other role than there are, and not in the development key's place", async () => {
    const { keyId } = await make("analyst", "ops");
    await refuses(make("operator", "ops"), 5, /There is a key "ops" already, and it stays/);
    const card = await keyCard("ops", directory);
    assert.deepEqual([card.keyId, card.role], [keyId, "analyst"]);
    await refuses(make("admin"), 2, /--role is "admin"; allowed is operator, tester, developer, analyst/);
    await refuses(make("operator", "development"), 2, /which is the key that this machine makes for itself/);
    await refuses(make("operator", "../x"), 2, /The name of the key is "\.\.\/x"/);
    await refuses(keyCard("nobody", directory), 2, /There is no key "nobody" on this machine; there is ops\./);
  });

  it("are one when many make them at once: one wins, the others are told", async () => {
    const made = await Promise.allSettled(Array.from({ length: 10 }, (_, index) => make(index % 2 === 0 ? "tester" : "operator", "one")));
    const [winner, ...more] = made.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
    assert.deepEqual([winner !== undefined, more.length], [true, 0]);
    assert.deepEqual([(await keyCard("one", directory)).keyId, (await keyCard("one", directory)).role], [winner?.keyId, winner?.role]);
  });

  it("are rotated: the old public half stays with its date, the old private half is gone, role and name are the same", async () => {
    const first = await make("operator");
    const old = await secrets();
    const second = await rotateKey("operator", new Date("2026-02-03T04:05:06.789Z"), directory);
    const third = await rotateKey("operator", new Date("2026-03-03T04:05:06.000Z"), directory);
    assert.deepEqual(third.retired.map(({ keyId, retiredAt }) => [keyId, retiredAt]), [[first.keyId, "2026-02-03T04:05:06Z"], [second.keyId, "2026-03-03T04:05:06Z"]]);
    assert.deepEqual([third.role, third.createdAt, third.retired[0]?.publicKey], ["operator", "2026-03-03T04:05:06.000Z", first.publicKey]);
    assert.equal(await readFile(join(directory, "operator.pub.pem"), "utf8"), third.publicKey);
    assert.equal((await stat(join(directory, "operator.pem"))).mode & 0o777, 0o600);
    assert.equal(new Set([first.keyId, second.keyId, third.keyId]).size, 3);
    for (const file of await readdir(directory)) for (const line of old) assert.ok(!(await readFile(join(directory, file), "utf8")).includes(line), file);
  });

  it("are rotated, the development key too, and a rotation that was cut off leaves the key as it was", async () => {
    const { keyId } = await developmentKey(directory);
    const card = await rotateKey("development", new Date("2026-02-03T04:05:06Z"), directory);
    assert.deepEqual([card.role, card.createdAt, card.retired.map((each) => each.keyId)], [null, null, [keyId]]);
    assert.equal((await developmentKey(directory)).keyId, card.keyId);
    // As after a kill before the new key was in its place: the public half of the one that still is.
    await rm(join(directory, "development.pem"));
    const file = (await readdir(directory)).find((name) => name.includes("retired")) ?? "";
    assert.match(file, /^development\.retired-20260203T040506Z-[0-9a-f]{12}\.pub\.pem$/);
    assert.equal((await keyCard("development", directory)).retired.length, 1);
  });

  it("have an entry that the pack's configuration takes as it is", async () => {
    const cards = await Promise.all(ROLES.map((role) => make(role)));
    const { trust } = packConfigSchema.parse(parse(`trust:\n${cards.map(packEntry).join("")}`));
    assert.deepEqual(trust, cards.map(({ name, publicKey, role, types }) => ({ name, publicKey, types: role === null ? types : [...ROLE_TYPES[role]], environments: ["staging", "production"] })));
  });

  it("show nothing of their private half, and are refused when others may read them or their role is gone", async () => {
    await make("operator");
    await make("tester");
    const shown = JSON.stringify(await keyCards(directory)) + (await keyCards(directory)).map(packEntry).join("");
    const hidden = await secrets();
    assert.equal(hidden.length, 2);
    for (const line of hidden) assert.ok(!shown.includes(line));
    await chmod(join(directory, "tester.pem"), 0o640);
    const message = await refuses(keyCards(directory), 3, /mode 0640.*allowed is 0600\..*\.\/mission keys rotate tester/);
    for (const line of hidden) assert.ok(!message.includes(line));
    await chmod(join(directory, "tester.pem"), 0o600);
    await rm(join(directory, "tester.json"));
    await refuses(keyCard("tester", directory), 3, /The role of key "tester" is not known/);
  });
});
