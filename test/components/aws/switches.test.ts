import assert from "node:assert/strict";
import { declareOnAws, imageRelease } from "../../support/aws-mocks.js";

describe("smoke", () => {
  it("declares", async () => {
    const declared = await declareOnAws({ release: imageRelease("1.0.0", { secrets: ["API_KEY"] }), secrets: { API_KEY: "hunter2" } });
    for (const { type, name, inputs, secrets } of declared.all) console.log(type, name, JSON.stringify(inputs), secrets);
    const t = performance.now();
    for (let i = 0; i < 10; i++) await declareOnAws({ release: imageRelease("1.0.0", { secrets: ["API_KEY"] }), secrets: { API_KEY: "hunter2" } });
    console.log("ms", (performance.now() - t) / 10);
    assert.ok(true);
  });
});
