import "../../support/seed.js";
import assert from "node:assert/strict";
import fc from "fast-check";
import { formsOf, secretsIn } from "../../../runner/engine/search-state.js";

describe("the search for secrets in a state", () => {
  const value = fc.string({ minLength: 8, maxLength: 60, unit: "grapheme" });

  it("finds a value as it is and as JSON, URLs and base64 write it, wherever it stands", () => {
    fc.assert(
      fc.property(value, fc.string(), fc.string(), (secret, before, after) => {
        for (const form of [JSON.stringify({ key: secret }), JSON.stringify(JSON.stringify({ key: secret })), encodeURIComponent(secret), Buffer.from(secret).toString("base64"), Buffer.from(secret).toString("base64url")]) {
          assert.deepEqual(secretsIn(before + form + after, new Map([["KEY", secret]])), ["KEY"]);
        }
      }),
    );
  });

  it("finds nothing in a text that has none of these forms, and does not search for values that stand anywhere by chance", () => {
    fc.assert(
      fc.property(value, fc.string(), (secret, text) => {
        fc.pre(!formsOf(secret).some((form) => text.includes(form)));
        assert.deepEqual(secretsIn(text, new Map([["KEY", secret]])), []);
      }),
    );
    assert.deepEqual(secretsIn("true", new Map([["SHORT", "true"]])), []);
  });
});
