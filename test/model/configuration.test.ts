import assert from "node:assert/strict";
import { applicationSchema } from "../../model/application.js";
import { diagnose, formatDiagnostics } from "../../model/diagnostic.js";
import { environmentMistakes } from "../../model/environment-rules.js";
import { environmentSettingsSchema } from "../../model/environment-settings.js";
import { releaseOf } from "../support/specs.js";

function mistakesOf(input: Record<string, unknown>): string {
  const parsed = environmentSettingsSchema.safeParse(input);
  return parsed.success ? "" : formatDiagnostics("", diagnose(parsed.error, input, "mission:"));
}

describe("an environment's configuration", () => {
  it("has defaults for everything but the environment", () => {
    const settings = environmentSettingsSchema.parse({ environment: "staging" });
    assert.deepEqual([settings.platform, settings.instances, settings.drain, settings.alarms.errorRate, settings.sandbox.headers], ["sandbox", 1, "30s", "5%", true]);
  });

  it("reports every mistake at once, each with its path, what was seen and what is allowed", () => {
    const said = mistakesOf({ environment: "qa", instances: "two", drain: "soon", colour: 1, alarms: { errorRate: "5", latency: 1 }, sandbox: { ports: { web: { production: 70000 } } } });
    for (const expected of [
      /"mission:environment" is "qa"; allowed is "staging" or "production"/,
      /"mission:instances" is "two"; expected is a number/,
      /"mission:drain" is "soon"; allowed is a duration from 0s to 10m/,
      /"mission:colour" is not a known key/,
      /"mission:alarms\.errorRate" is "5"; allowed is a percentage/,
      /"mission:alarms\.latency" is not a known key/,
      /"mission:sandbox\.ports\.web\.production" is 70000; the largest allowed is 65535/,
    ])
      assert.match(said, expected);
  });

  it("says when a required key is missing", () => assert.match(mistakesOf({}), /"mission:environment" is missing/));

  for (const [name, weights, said] of [
    ["negative", { blue: -5, green: 105 }, /-5; allowed is a whole number from 0 to 100/],
    ["fractional", { blue: 0.5, green: 99.5 }, /0\.5; allowed/],
    ["NaN", { blue: Number.NaN, green: 100 }, /NaN; allowed/],
    ["zero", { blue: 0, green: 0 }, /sum to 0/],
  ] as const) {
    it(`refuses ${name} weights in a rollout`, () => {
      const rollout = { web: { base: `sha256:${"0".repeat(64)}`, live: "blue", returnTo: null, slots: { blue: null, green: null }, split: weights } };
      assert.match(mistakesOf({ environment: "staging", rollout }), said);
    });
  }
});

describe("what an environment, a release and its secrets demand together", () => {
  const settings = environmentSettingsSchema.parse({ environment: "production", instances: 1, variables: { UNKNOWN: "x" }, release: releaseOf("1.0.0", { secrets: ["PAYMENT_KEY", "OTHER_KEY"], variables: { REGION: null } }) });
  const said = formatDiagnostics("", environmentMistakes(settings, { state: (name) => (name === "OTHER_KEY" ? "plain" : "missing"), digestKey: "missing" }));

  for (const [name, expected] of [
    ["one instance in production", /"mission:instances" is 1; production needs at least 2/],
    ["a missing secret", /"secrets:PAYMENT_KEY" is missing/],
    ["a secret that is not encrypted", /"secrets:OTHER_KEY" is not encrypted/],
    ["a missing key for digests", /"mission:digestKey" is missing/],
    ["a variable nobody reads", /"mission:variables\.UNKNOWN" is not a variable of any service/],
    ["a required variable without a value", /"mission:variables\.REGION" is missing; service "web" needs a value/],
  ] as const) {
    it(`refuses ${name}`, () => assert.match(said, expected));
  }
});

describe("mission.yaml", () => {
  it("fills in what is left out", () => {
    const application = applicationSchema.parse({ name: "hello", services: { web: { command: "npm start" } } });
    assert.deepEqual(application.services["web"]?.command, ["/bin/sh", "-c", "npm start"]);
    assert.deepEqual(application.services["web"]?.readiness, { tcp: true, interval: "1s", timeout: "5s", successes: 2, failures: 3 });
  });

  it("refuses names that the platform sets", () => {
    const input = { name: "hello", services: { web: { command: "x", variables: { PORT: 1, MISSION_SLOT: 2 } } } };
    const parsed = applicationSchema.safeParse(input);
    assert.ok(!parsed.success);
    assert.match(formatDiagnostics("", diagnose(parsed.error, input)), /PORT" is not an allowed name; PORT, HOST.*are set by the platform/);
  });
});
