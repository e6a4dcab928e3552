import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { withoutAccess } from "../../../runner/pull-request/access.js";
import { commentMarkdown } from "../../../runner/pull-request/comment-markdown.js";
import { previewOfModel } from "../../../runner/pull-request/model-preview.js";
import { readPullRequestEvent } from "../../../runner/pull-request/pull-request-event.js";
import { failing, gatesOf } from "../../../runner/pull-request/pull-request-preview.js";
import type { ConfiguredEnvironment } from "../../../runner/gates/configuration-differences.js";
import type { MissionEnvironment } from "../../../runner/mission/subject.js";
import { applicationSchema } from "../../../model/application.js";
import { planInputs, type Differences } from "../../support/plan-inputs.js";

const NOW = Date.parse("2026-11-25T12:00:00Z");
const application = applicationSchema.parse({ name: "shop", services: { web: { command: ["node", "server.mjs"], variables: { REGION: {}, GREETING: { default: "hello" } }, secrets: ["API_KEY"] } } });
const known = ({ environment, stack, settings }: MissionEnvironment): ConfiguredEnvironment => ({ environment, stack, settings, secrets: { state: () => "encrypted", digestKey: "encrypted" } });
const modelOf = ({ staging = {}, production = {}, ...more }: Differences = {}) => {
  const { release: _built, ...subject } = planInputs({ staging: { variables: { REGION: "eu" }, ...staging }, production: { variables: { REGION: "us" }, notifications: [{ type: "file", path: "told.jsonl" }], ...production }, ...more, subject: { application, ...more.subject } }).subject;
  return previewOfModel(subject, known, "It was asked for by --model-only.", NOW);
};
const states = (preview: ReturnType<typeof modelOf>) => Object.fromEntries(gatesOf(preview).map(({ gate, state }) => [gate, state]));

describe("a preview by the model alone", () => {
  it("plans steps, times and samples as for a second release, and judges what the files alone decide", () => {
    const preview = modelOf();
    assert.deepEqual(preview.plan.steps.map(({ weight, needed }) => [weight, needed.forMargin]), [[10, 598], [50, 598], [100, 598]]);
    const { "window-open": window, "monitoring-configured": monitoring, "strategy-planned": strategy, "configuration-complete": configuration, ...later } = states(preview);
    assert.deepEqual([window, monitoring, strategy, configuration], ["PASS", "PASS", "PASS", "PASS"]);
    assert.deepEqual([...new Set(Object.values(later))], ["PENDING"]);
    assert.match(commentMarkdown(preview), /\| no-freeze \| PENDING \| No freeze and no hold on either stack\. Judged by a preview with access to both stacks, and by the mission, in phase plan, before anything is deployed\. \|/);
  });

  it("fails for mistakes that the files show: a variable that nobody gives, nobody who is told, a closed window", () => {
    const preview = modelOf({ production: { variables: {}, notifications: [], window: { deny: [{ from: "2026-11-01T00:00", to: "2026-12-01T00:00", reason: "moving house" }] } } });
    assert.deepEqual(failing(preview).map(({ gate }) => gate).sort(), ["configuration-complete", "monitoring-configured", "window-open"]);
    assert.match(commentMarkdown(preview), /"mission:variables\.REGION" of stack "shop-production" is missing; service "web" needs a value and has no default\./);
  });

  it("says how staging and production differ", () => assert.deepEqual(modelOf().differences, ['Variable "REGION" is "eu" in staging and "us" in production.']));

  it("has release notes, hotfix and strategy of the pull request in it", () => {
    const markdown = commentMarkdown(modelOf({ strategy: "canary", subject: { notes: "Greets louder.", hotfix: { reason: "payments fail", by: "ada@build-1" } } }));
    assert.match(markdown, /Strategy canary: 5 % for 5s, 100 % for 5s\.[\s\S]*> Greets louder\./);
    assert.match(markdown, /\| staging-verified \| \*\*WAIVED\*\* \| Waived by the hotfix of ada@\u200bbuild-1: payments fail \|/);
  });
});

describe("access to the stacks", () => {
  const of = (environment: NodeJS.ProcessEnv, { modelOnly = false, fork = false } = {}) => withoutAccess({ modelOnly, environment, event: { number: 7, fork } });

  it("is there on a machine of one's own, in a workflow of the repository itself, and in one of a fork that was given credentials", () => {
    assert.deepEqual([withoutAccess({ modelOnly: false, environment: {}, event: null }), of({}), of({ PULUMI_CONFIG_PASSPHRASE: "" }), of({ PULUMI_ACCESS_TOKEN: "x" }, { fork: true })], [null, null, null, null]);
  });

  it("is not there when nobody wants it, for a fork without credentials, and where secrets are set but empty", () => {
    assert.match(of({}, { modelOnly: true }) ?? "", /--model-only/);
    assert.match(of({ PULUMI_CONFIG_PASSPHRASE: "" }, { fork: true }) ?? "", /comes from a fork/);
    assert.match(of({ PULUMI_BACKEND_URL: "", PULUMI_ACCESS_TOKEN: " " }) ?? "", /PULUMI_BACKEND_URL and PULUMI_ACCESS_TOKEN are set but empty/);
  });
});

describe("the event of a workflow", () => {
  const folder = mkdtempSync(join(tmpdir(), "mission-event-"));
  after(() => rmSync(folder, { recursive: true, force: true }));
  const read = (content: string) => {
    const path = join(folder, "event.json");
    writeFileSync(path, content);
    return readPullRequestEvent({ GITHUB_EVENT_PATH: path });
  };
  const from = (head: string | null) => JSON.stringify({ pull_request: { number: 12, head: { repo: head === null ? null : { full_name: head } }, base: { repo: { full_name: "octo/shop" } } } });

  it("names the pull request, and tells a fork, also one that is gone", async () => {
    assert.deepEqual([await read(from("octo/shop")), await read(from("ada/shop")), await read(from(null))].map(({ event }) => event), [{ number: 12, fork: false }, { number: 12, fork: true }, { number: 12, fork: true }]);
  });

  it("says in words why there is none", async () => {
    const why = async (promise: ReturnType<typeof readPullRequestEvent>) => ((read) => (read.event === null ? read.why : assert.fail()))(await promise);
    assert.deepEqual(
      [await why(readPullRequestEvent({})), await why(read("{")), await why(read('{"ref":"refs/heads/main"}')), await why(readPullRequestEvent({ GITHUB_EVENT_PATH: join(folder, "nowhere") }))],
      ["is not set", "names a file that is no JSON", "names an event that is not about a pull request", "names a file that cannot be read (ENOENT)"],
    );
  });
});
