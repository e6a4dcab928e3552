import assert from "node:assert/strict";
import { PREDICATE } from "../../../evidence/predicate-types.js";
import { CONFIGURATION_LIMIT, configurationSize, tooLarge } from "../../../model/configuration-limit.js";
import { digestOf } from "../../../model/digest.js";
import { gatesSchema } from "../../../model/gates.js";
import { releaseSchema } from "../../../model/release.js";
import { ENVELOPE_LIMIT } from "../../../evidence/stored-evidence.js";
import { importTests } from "../../../runner/evidence/import-tests.js";
import { directoryEvidenceStore } from "../../../runner/evidence/evidence-store.js";
import { recordEvidence } from "../../../runner/evidence/record-evidence.js";
import { newKey } from "../../evidence/support.js";
import { codebase, emptyFolder, removeCodebases } from "../../support/codebases.js";
import { join } from "node:path";

/** A release of many services, each with a command, probes, variables and secrets as real ones have. */
function large(count: number) {
  const service = (index: number) => ({
    digest: digestOf(`artifact ${index}`),
    command: ["node", "--enable-source-maps", `services/service-${index}/dist/server.js`, "--port", "8080"],
    readiness: { http: "/readyz", interval: "1s", timeout: "2s", successes: 2, failures: 3 },
    liveness: { http: "/livez", interval: "5s", timeout: "2s", successes: 1, failures: 3 },
    variables: { LOG_LEVEL: "info", REGION: null, CACHE_TTL_SECONDS: "300", UPSTREAM_URL: null, FEATURE_FLAGS: "checkout,search" },
    secrets: ["SESSION_KEY", "PAYMENT_TOKEN"],
    database: true,
  });
  const services = Object.fromEntries(Array.from({ length: count }, (_, index) => [`service-${index}`, service(index)]));
  return { application: "shop", version: "1.1.0", commit: "c".repeat(40), services, migrations: { service: "service-0", apply: "npm run migrate", rollback: "npm run migrate:down", class: "expand" } };
}

describe("the size of a configuration", () => {
  afterEach(removeCodebases);

  it("is that of the text that reaches the program: JSON of texts, with JSON inside", () => {
    assert.equal(configurationSize({ "a:b": "c", "a:d": { e: "f" }, "a:n": 7 }), Buffer.byteLength(JSON.stringify({ "a:b": "c", "a:d": '{"e":"f"}', "a:n": "7" })));
    assert.equal(configurationSize({ "a:b": "ü" }), '{"a:b":"ü"}'.length + 1);
  });

  it("is refused above 64 KiB in one sentence, and not at 64 KiB", () => {
    assert.equal(tooLarge(CONFIGURATION_LIMIT), null);
    assert.equal(tooLarge(CONFIGURATION_LIMIT + 1), "has 65,537 bytes; the largest allowed is 65,536 (64 KiB). Shorten its variables and commands, or split the application.");
  });

  it("stays below 64 KiB for 50 services with a suite of 5,000 tests and all evidence of a mission", async () => {
    const parsed = releaseSchema.parse(large(50));
    const suites = Array.from({ length: 50 }, (_, suite) => `<testsuite name="service ${suite}">${Array.from({ length: 100 }, (_each, test) => `<testcase classname="suite ${suite}" name="a test with a name that says what is tested, number ${test}"/>`).join("")}</testsuite>`);
    const report = join(await codebase({ "junit.xml": `<testsuites>${suites.join("")}</testsuites>` }), "junit.xml");
    const imported = await importTests([report], "JUnit XML");
    assert.ok(imported.ok, JSON.stringify(imported));
    assert.equal(imported.predicate.missionDeploy_counts.executed, 5_000);
    const desk = { store: directoryEvidenceStore(join(await emptyFolder("evidence"), "evidence")), key: newKey() };
    const subjects = Object.fromEntries(Object.entries(parsed.services).map(([name, { digest }]) => [name, digest]));
    const reference = await recordEvidence(desk, { type: PREDICATE.testResult, predicate: imported.predicate, subjects, application: "shop", environment: null, commit: parsed.commit, configuration: null, mission: "m" });
    const stored = await desk.store.get(reference);
    assert.ok(stored.ok && stored.bytes.length < ENVELOPE_LIMIT / 4, "counts and digests, not reports");

    // Each type once, and as many approvals as a mission ever carries.
    const others = [...Object.values(PREDICATE).filter((type) => type !== PREDICATE.testResult), ...Array.from({ length: 31 }, () => PREDICATE.approval)];
    const gates = gatesSchema.parse({ mission: "shop-1.1.0-20261125t161501-3f9a", plan: digestOf("plan"), evidence: [reference, ...others.map((type, index) => ({ type, sha256: digestOf(`${type} ${index}`).slice(7) }))] });
    const size = configurationSize({ "mission:gates": gates, "mission:release": parsed });
    assert.ok(size < CONFIGURATION_LIMIT, `${size} bytes`);
    assert.ok(configurationSize({ "mission:gates": gates }) < 8 * 1024, `${configurationSize({ "mission:gates": gates })} bytes of gates`);
  });
});
