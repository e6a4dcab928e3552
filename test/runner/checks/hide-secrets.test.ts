import assert from "node:assert/strict";
import type { GateResult } from "../../../model/verdict.js";
import { show } from "../../../model/diagnostic.js";
import { hideSecrets } from "../../../runner/checks/hide-secrets.js";
import { EXIT, UserError } from "../../../runner/errors.js";

const SECRET = 'p"ä\\ss-word-of-the-shop';
const result = (verdict: GateResult["verdict"], summary: string, ...details: string[]): GateResult => ({ gate: "smoke-tests", verdict, summary, details, measured: {} });
const secrets = () => Promise.resolve(new Map([["secrets:A", SECRET], ["secrets:SHORT", "abc"]]));

describe("what checks say of answers with a secret", () => {
  it("shows the secret in none of its forms, and everything else as it was", async () => {
    const base64 = Buffer.from(SECRET).toString("base64");
    const [seen] = await hideSecrets([result("FAIL", `$.token is ${show(SECRET)}, expected is "abc".`, `x=${encodeURIComponent(SECRET)}`, base64, "nothing")], secrets);
    assert.deepEqual([seen?.summary, seen?.details], ['$.token is "[secret]", expected is "abc".', ["x=[secret]", "[secret]", "nothing"]]);
  });

  it("shows no beginning of one that was cut", async () => {
    const [seen] = await hideSecrets([result("FAIL", `The body is ${show(`${"x".repeat(40)}${SECRET}`)}`)], secrets);
    assert.equal(seen?.summary, `The body is "${"x".repeat(40)}[secret]...`);
  });

  it("asks for no secret where everything passed, and keeps the verdict where they cannot be read", async () => {
    const away = () => Promise.reject(new UserError(EXIT.failed, "The engine is away."));
    const passed = [result("PASS", "Fine.")];
    assert.equal(await hideSecrets(passed, away), passed);
    const seen = await hideSecrets([...passed, result("FAIL", `It said ${SECRET}`, SECRET)], away);
    assert.deepEqual(seen.map(({ verdict, summary, details }) => [verdict, summary, details]), [["PASS", "Fine.", []], ["FAIL", "It is FAIL; what was seen is not told. The engine is away.", []]]);
  });
});
