import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { PREDICATE } from "../../../evidence/predicate-types.js";
import { keyIdOf, publicKeyText } from "../../../evidence/signing-key.js";
import { whyNotCounted, type GivenApproval } from "../../../runner/evidence/approval-counts.js";
import { packConfigSchema } from "../../../policies/pack-config.js";

const { publicKey } = generateKeyPairSync("ed25519");
const keyId = keyIdOf(publicKey);
const config = (more: object = {}) => packConfigSchema.parse({ approval: true, trust: [{ name: "Lead <lead@example.invalid>", publicKey: publicKeyText({ publicKey }), types: [PREDICATE.approval], environments: ["production"], ...more }] });
const given: GivenApproval = { by: "Lead <lead@example.invalid>", author: "Ada <ada@example.invalid>", keyId, development: false, platform: "aws" };

describe("an approval that a pack demands", () => {
  it("counts by a trusted key of somebody who is not the author; the development key counts on the sandbox", () => {
    assert.deepEqual(whyNotCounted(given, config()), []);
    assert.deepEqual(whyNotCounted({ ...given, keyId: "0".repeat(64), development: true, platform: "sandbox" }, config()), []);
  });

  it("does not count by a key that is not trusted for it, nor by the development key elsewhere", () => {
    for (const [approval, pack] of [
      [{ ...given, keyId: "0".repeat(64) }, config()],
      [given, config({ types: [PREDICATE.plan] })],
      [given, config({ environments: ["staging"] })],
      [{ ...given, development: true }, config()],
    ] as const) assert.match(whyNotCounted(approval, pack).join(), /^The key is none that policies\/pack\.yaml trusts for approvals in production/);
  });

  it("does not count by the author, by name, address or key, nor where nobody knows the author", () => {
    for (const by of ["Ada", "somebody <ADA@example.invalid>"]) assert.match(whyNotCounted({ ...given, by }, config()).join(), /^"Ada <ada@example\.invalid>" is the author/);
    assert.match(whyNotCounted({ ...given, by: "Bob", author: "Lead" }, config()).join(), /^"Lead" is the author/);
    assert.match(whyNotCounted({ ...given, author: null }, config()).join(), /has no author/);
  });
});
