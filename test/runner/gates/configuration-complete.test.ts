import "../../support/seed.js";
import assert from "node:assert/strict";
import fc from "fast-check";
import type { SecretsPresent } from "../../../model/environment-rules.js";
import { environmentSettingsSchema } from "../../../model/environment-settings.js";
import type { Release } from "../../../model/release.js";
import { configurationComplete } from "../../../runner/gates/configuration-complete.js";
import type { ConfiguredEnvironment } from "../../../runner/gates/configuration-differences.js";
import { releaseOf } from "../../support/specs.js";

const RELEASE: Release = releaseOf("1.1.0", { variables: { GREETING: "Welcome", API_URL: null }, secrets: ["PAYMENT_KEY"] });

const ENCRYPTED: SecretsPresent = { state: () => "encrypted", digestKey: "encrypted" };

function environment(kind: "staging" | "production", more: Record<string, unknown> = {}, secrets: SecretsPresent = ENCRYPTED): ConfiguredEnvironment {
  const settings = environmentSettingsSchema.parse({ environment: kind, instances: 2, ...more, variables: { API_URL: `https://api.${kind}.shop.io`, ...(more["variables"] as object | undefined) } });
  return { environment: kind, stack: `shop-${kind}`, settings, secrets };
}

const gate = (production: ConfiguredEnvironment, staging = environment("staging"), release = RELEASE) => configurationComplete({ release, environments: [staging, production] });

describe("the gate configuration-complete", () => {
  it("passes complete environments, and shows how they differ", () => {
    const { verdict, summary, details, measured } = gate(environment("production", { variables: { GREETING: "Hello" } }));
    assert.deepEqual([verdict, summary], ["PASS", '"shop-staging" and "shop-production" have all 2 variables and 1 secret that shop 1.1.0 needs; 2 of them differ.']);
    assert.deepEqual(details, [
      'Variable "API_URL" is "https://api.staging.shop.io" in staging and "https://api.production.shop.io" in production.',
      'Variable "GREETING" is "Welcome" in staging and "Hello" in production.',
    ]);
    assert.deepEqual(measured, { environments: 2, variables: 2, secrets: 1, mistakes: 0, differences: 2, oddities: 0 });
  });

  it("judges this release, not the one that the stack's file still names", () => {
    const old = environment("production", { release: releaseOf("1.0.0", { secrets: ["OLD_KEY"] }) }, { state: (name) => (name === "OLD_KEY" ? "missing" : "encrypted"), digestKey: "encrypted" });
    assert.equal(gate(old).verdict, "PASS");
  });

  it("fails with every mistake of every environment: what is missing, not encrypted, unknown", () => {
    const secrets: SecretsPresent = { state: () => "plain", digestKey: "missing" };
    const bad: ConfiguredEnvironment = { environment: "staging", stack: "shop-staging", settings: environmentSettingsSchema.parse({ environment: "staging", variables: { NOBODY: "reads it" } }), secrets: { state: () => "missing", digestKey: "encrypted" } };
    const { verdict, summary, details, measured } = gate(environment("production", { instances: 1 }, secrets), bad);
    assert.equal(verdict, "FAIL");
    assert.match(summary, /^The configuration for shop 1\.1\.0 has 6 mistakes: .* And 5 more\.$/);
    assert.equal(measured["mistakes"], 6);
    for (const expected of [
      /^"mission:variables\.NOBODY" of stack "shop-staging" is not a variable/,
      /^"mission:variables\.API_URL" of stack "shop-staging" is missing; service "web" needs a value/,
      /^"secrets:PAYMENT_KEY" of stack "shop-staging" is missing/,
      /^"mission:instances" of stack "shop-production" is 1/,
      /^"secrets:PAYMENT_KEY" of stack "shop-production" is not encrypted/,
      /^"mission:digestKey" of stack "shop-production" is missing/,
      /^Secret "PAYMENT_KEY" is missing in staging and set but not encrypted in production\.$/,
    ])
      assert.ok(details.some((each) => expected.test(each)), String(expected));
  });

  it("refuses placeholders, also in a default and in an address for notifications, and shows the placeholder only", () => {
    const placeholder = gate(environment("production", { variables: { API_URL: "https://user:hidden@api.shop.io/?key=change-me" } }));
    assert.equal(placeholder.verdict, "FAIL");
    assert.match(placeholder.summary, /"mission:variables\.API_URL" of stack "shop-production" holds "change-me", a placeholder; set the real value\./);
    assert.doesNotMatch(JSON.stringify(placeholder), /hidden/);
    const byDefault = gate(environment("production"), environment("staging", { variables: { GREETING: "Hi" } }), releaseOf("1.1.0", { variables: { GREETING: "TODO", API_URL: null } }));
    assert.match(byDefault.summary, /"mission:variables\.GREETING" of stack "shop-production" is not set, and its default for service "web" in mission\.yaml holds "TODO"/);
    const webhook = gate(environment("production", { notifications: [{ type: "webhook", url: "https://hooks.example.com/x" }] }));
    assert.match(webhook.summary, /"mission:notifications\[0\]\.url" of stack "shop-production" holds "hooks\.example\.com", a host for examples/);
  });

  it("refuses an empty value where there is no default, and accepts one where there is", () => {
    assert.match(gate(environment("production", { variables: { API_URL: " " } })).summary, /"mission:variables\.API_URL" of stack "shop-production" is empty; service "web" needs a value and has no default\./);
    assert.equal(gate(environment("production", { variables: { GREETING: "" } })).verdict, "PASS");
  });

  it("shows no value that looks like a secret, and says that it looks like one", () => {
    const release = releaseOf("1.1.0", { variables: { API_URL: null, MAIL_PASSWORD: null, QUEUE: null } });
    const more = (secret: string) => ({ variables: { MAIL_PASSWORD: secret, QUEUE: `amqp://user:${secret}@queue` } });
    const result = gate(environment("production", more("canary-two")), environment("staging", more("canary-one")), release);
    assert.equal(result.verdict, "PASS");
    assert.doesNotMatch(JSON.stringify(result), /canary/);
    assert.ok(result.details.includes('Variable "MAIL_PASSWORD" is a value that is not shown in staging and a value that is not shown in production.'));
    assert.ok(result.details.includes('"mission:variables.QUEUE" of stack "shop-production" looks like a secret and stands readable in the configuration; keep it in secrets:<NAME> if it is one.'));
    assert.match(result.summary, /4 settings look accidental; see the details\.$/);
  });

  it("points at a production that allows more than staging, and at one address for both; a shared target for notifications is fine", () => {
    const shared = { notifications: [{ type: "file", path: "notifications.jsonl" }], variables: { API_URL: "https://api.shop.io" } };
    const { verdict, details } = gate(environment("production", { ...shared, alarms: { errorRate: "10%", availability: "40%" }, limits: { errorRate: "1%" } }), environment("staging", { ...shared, alarms: { errorRate: "5%", latencyP95: "2s" } }));
    assert.equal(verdict, "PASS");
    assert.deepEqual(details, [
      '"mission:alarms.errorRate" is 10% in production and 5% in staging: production allows more than staging.',
      '"mission:alarms.availability" is 40% in production and 50% in staging: production allows more than staging.',
      'Variable "API_URL" leads to the same address in staging and production.',
    ]);
  });

  it("keeps services apart that name the same variable", () => {
    const one = RELEASE.services["web"];
    assert.ok(one);
    const release = { ...RELEASE, services: { web: one, worker: { ...one, variables: { GREETING: "xxx" } } } };
    const { details } = gate(environment("production"), environment("staging", { variables: { GREETING: "Hi" } }), release);
    assert.ok(details.includes('"mission:variables.GREETING" of stack "shop-production" is not set, and its default for service "worker" in mission.yaml holds "xxx", a placeholder; set the real value.'));
    assert.ok(details.includes('Variable "GREETING" of service "web" is "Hi" in staging and "Welcome" in production.'));
    assert.ok(details.includes('Variable "GREETING" of service "worker" is "Hi" in staging and "xxx" in production.'));
  });

  it("knows nothing without an environment", () => {
    assert.equal(configurationComplete({ release: RELEASE, environments: [] }).verdict, "INCONCLUSIVE");
  });

  it("never passes when one more environment, whatever it is like, joins one that fails", () => {
    const state = fc.constantFrom<ReturnType<SecretsPresent["state"]>>("encrypted", "plain", "missing");
    fc.assert(
      fc.property(state, state, fc.option(fc.string({ unit: "grapheme-ascii" }), { nil: undefined }), (secret, digestKey, greeting) => {
        const other = environment("staging", greeting === undefined ? {} : { variables: { GREETING: greeting } }, { state: () => secret, digestKey });
        return gate(environment("production", { variables: { GREETING: "CHANGEME" } }), other).verdict === "FAIL";
      }),
    );
  });
});
