import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Requests } from "../../../runner/mission/requests.js";
import { Interrupted } from "../../../runner/mission/steps.js";
import { planAsked, stepAsked, waitForApproval } from "../../../runner/mission/wait-for-approval.js";

describe("waiting for an approval", () => {
  let root: string;
  let requests: Requests;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "mission-approval-"));
    requests = new Requests(root);
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  const never = new AbortController().signal;
  const wait = (more: Partial<Parameters<typeof waitForApproval>[0]> = {}) =>
    waitForApproval({ requests, asked: stepAsked(requests, 50), timeoutMs: 60_000, rollBack: never, stop: never, guard: () => Promise.resolve(), onWait: () => undefined, ...more });

  it("passes when a person approves this very step, and says who", async () => {
    const waiting = wait();
    await requests.approve({ by: "operator@machine", step: "weight-100", at: "2026-01-01T00:00:00Z" });
    await new Promise((resolve) => setTimeout(resolve, 400));
    assert.equal(requests.waiting()?.step, "weight-50");
    await requests.approve({ by: "operator@machine", step: "weight-50", at: "2026-01-01T00:00:00Z" });
    const [result] = await waiting;
    assert.deepEqual([result?.verdict, result?.summary], ["PASS", "operator@machine approved 50 % at 2026-01-01T00:00:00Z."]);
    assert.equal(requests.waiting(), null);
  });

  it("passes for a plan that was approved before or while it waits, and asks nobody who has answered", async () => {
    const evidence = { type: "urn:mission-deploy:approval:v1", sha256: "0".repeat(64) };
    const said: string[] = [];
    const plan = () => wait({ asked: planAsked(requests), onWait: (sentence) => void said.push(sentence) });
    const waiting = plan();
    await requests.approve({ by: "operator@machine", step: "plan", at: "2026-01-01T00:00:00Z" });
    await requests.approvePlan({ by: "lead@machine", at: "2026-01-01T00:00:00Z", evidence });
    const passed = [{ gate: "approved", verdict: "PASS", summary: "lead@machine approved the plan at 2026-01-01T00:00:00Z.", details: [], measured: { weight: null }, evidence: [evidence] }];
    assert.deepEqual(await waiting, passed);
    assert.match(said.join(), /^Waiting for a person to approve the plan, until /);
    assert.deepEqual([await plan(), said.length], [passed, 1]);
  });

  it("has the signed approval where there is one", async () => {
    const evidence = { type: "urn:mission-deploy:approval:v1", sha256: "0".repeat(64) };
    const waiting = wait();
    await requests.approve({ by: "operator@machine", step: "weight-50", at: "2026-01-01T00:00:00Z", evidence });
    assert.deepEqual((await waiting).map((result) => result.evidence), [[evidence]]);
  });

  it("fails when nobody does in time, and a mission that goes on has only what is left of it", async () => {
    await requests.wait({ step: "weight-50", weight: 50, since: "2026-01-01T00:00:00.000Z", until: "2026-01-01T01:00:00.000Z" });
    const [result] = await wait();
    assert.equal(result?.verdict, "FAIL");
    assert.match(result.summary, /Nobody approved 50 % between 2026-01-01T00:00:00.000Z and 2026-01-01T01:00:00.000Z/);
  });

  it("fails at once when somebody asks to go back, with the words of who asked", async () => {
    const back = new AbortController();
    const waiting = wait({ rollBack: back.signal });
    back.abort("operator@machine asked to go back: customers call");
    assert.deepEqual((await waiting).map(({ verdict, summary }) => [verdict, summary]), [["FAIL", "operator@machine asked to go back: customers call"]]);
  });

  it("stops at a signal, and waits on when the mission goes on", async () => {
    const stop = new AbortController();
    const waiting = wait({ stop: stop.signal });
    stop.abort();
    await assert.rejects(waiting, Interrupted);
    assert.equal(requests.waiting()?.step, "weight-50");
  });
});
