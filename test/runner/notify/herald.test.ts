import assert from "node:assert/strict";
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { JournalLine } from "../../../runner/mission/journal-port.js";
import { Herald } from "../../../runner/notify/herald.js";
import type { NotificationRecord } from "../../../runner/notify/notification-log.js";
import { startLine, subjectOf } from "../../support/missions.js";
import { MemoryMission } from "../mission/memory-mission.js";
import { Receiver } from "./receiver.js";

const QUICK = { pauses: [1, 1], timeoutMs: 2_000 };

describe("A herald", () => {
  let receiver: Receiver;
  let folder: string;
  before(async () => (receiver = await Receiver.start()));
  after(() => receiver.stop());
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "mission-herald-"))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const hook = (path: string) => ({ type: "webhook" as const, url: `${receiver.url}${path}` });
  const file = { type: "file" as const, path: "told/missions.jsonl" };
  const places = () => ({ folder: join(folder, "mission"), directory: folder });
  const log = () => readFileSync(join(folder, "mission", "notifications.jsonl"), "utf8").trim().split("\n").map((line) => JSON.parse(line) as NotificationRecord);
  const told = () => readFileSync(join(folder, "told", "missions.jsonl"), "utf8").trim().split("\n").map((line) => JSON.parse(line) as Record<string, string>);

  /** The whole journal of a mission in memory, with its first line. */
  async function lines(mission: MemoryMission): Promise<readonly JournalLine[]> {
    await mission.run();
    return [startLine(subjectOf()), ...mission.journal.lines()];
  }

  function observeAll(herald: Herald, journal: readonly JournalLine[]): void {
    journal.forEach((line, seq) => herald.observe(line, seq));
  }

  it("tells a webhook in Slack's form and a file in JSON how a mission goes, in order", async () => {
    const subject = subjectOf({}, { staging: [file], production: [hook("/ok/a"), file] });
    const herald = await Herald.open(subject, places(), QUICK);
    observeAll(herald, await lines(MemoryMission.of()));
    const records = await herald.settle(20_000);
    const id = subject.id;
    assert.deepEqual(await receiver.texts("/ok/a"), [
      `Mission ${id}: started by someone@somewhere. shop 1.1.0 goes to staging, then to production.`,
      `Mission ${id}: staging passed for shop 1.1.0; production is next.`,
      ...[10, 50, 100].map((weight) => `Mission ${id}: shop 1.1.0 has ${weight} % of production's traffic.`),
      `Mission ${id}: succeeded: shop 1.1.0 is live in production. Every gate passed.`,
    ]);
    const first = (await receiver.received()).find(({ path }) => path === "/ok/a");
    assert.deepEqual(first, { method: "POST", path: "/ok/a", type: "application/json", body: JSON.stringify({ text: `Mission ${id}: started by someone@somewhere. shop 1.1.0 goes to staging, then to production.` }) });
    assert.deepEqual(told().map(({ mission, event }) => [mission, event]), ["started", "staging-passed", "step-reached", "step-reached", "step-reached", "succeeded"].map((event) => [id, event]));
    assert.deepEqual(log(), records);
    assert.deepEqual([records.length, records.every(({ ok, reason }) => ok && reason === null)], [12, true]);
  });

  it("says why and in numbers when a mission goes back", async () => {
    const mission = MemoryMission.of({ production: { badFrom: 50 } });
    const watch = mission.production.watch.bind(mission.production);
    mission.production.watch = async () => (await watch()).map((result) => ({ ...result, summary: "12.4 % of the candidate's 500 requests failed; allowed are 1 %.", measured: { errorRate: 0.124, requests: 500, p95Ms: null } }));
    const herald = await Herald.open(subjectOf({}, { production: [hook("/ok/back")] }), places(), QUICK);
    observeAll(herald, await lines(mission));
    await herald.settle(20_000);
    const [goingBack, rolledBack] = (await receiver.texts("/ok/back")).slice(-2);
    const why = `Gate "error-rate" of phase "production" is FAIL: 12.4 % of the candidate's 500 requests failed; allowed are 1 %.`;
    assert.equal(goingBack, `Mission ${subjectOf().id}: production goes back to what served before shop 1.1.0. ${why}`);
    assert.equal(rolledBack, `Mission ${subjectOf().id}: rolled back: what served before shop 1.1.0 serves again. ${why} Measured: errorRate 0.124, requests 500.`);
  });

  it("tells of a refusal, of a failure that needs a person, and of waiting for one", async () => {
    const refused = await Herald.open(subjectOf({}, { production: [hook("/ok/refused")] }), places(), QUICK);
    observeAll(refused, await lines(MemoryMission.of({ staging: { ready: false } })));
    await refused.settle(20_000);
    assert.match((await receiver.texts("/ok/refused")).at(-1) ?? "", /refused: shop 1\.1\.0 did not go to users\. Gate "smoke".*Production was not touched\.$/);
    const mission = MemoryMission.of({ production: { badFrom: 50 } });
    mission.production.refusesBack = 1_000;
    const failed = await Herald.open(subjectOf({}, { production: [hook("/ok/failed")] }), { ...places(), folder: join(folder, "other") }, QUICK);
    observeAll(failed, await lines(mission));
    failed.observe({ kind: "note", id: "production/1/weight-50/approval", detail: null }, 1_000);
    failed.observe({ kind: "note", id: "production/parked", detail: null }, 1_001);
    await failed.settle(20_000);
    const [needed, waits, stopped] = (await receiver.texts("/ok/failed")).slice(-3);
    assert.match(needed ?? "", /A PERSON IS NEEDED: .*Stack "production" is frozen until a person acts\./);
    assert.match(waits ?? "", /waits for a person before its candidate gets 50 %\. To go on: \.\/mission approve shop-1\.1\.0-/);
    assert.match(stopped ?? "", /was stopped in production; .*\.\/mission resume/);
  });

  it("tries again who answers 5xx, gives up on a redirect or a refusal, and records each outcome without a webhook's path", async () => {
    const gone = await Receiver.start();
    await gone.stop();
    const targets = ["/flaky/canary-1", "/redirect/canary-2", "/refuse/canary-3", "/down/canary-4"].map(hook);
    const herald = await Herald.open(subjectOf({}, { production: [...targets, { type: "webhook", url: `${gone.url}/canary-5` }] }), places(), QUICK);
    herald.observe(startLine(subjectOf()), 0);
    const records = await herald.settle(20_000);
    const reasonOf = Object.fromEntries(records.map(({ reason, ok }) => [reason ?? "none", ok]));
    const { host } = receiver;
    assert.deepEqual(reasonOf, {
      none: true,
      [`${host} answered 302, a redirect, which is not followed (1 try)`]: false,
      [`${host} answered 410 (1 try)`]: false,
      [`${host} answered 503 (3 tries)`]: false,
      [`${gone.host}: ECONNREFUSED (3 tries)`]: false,
    });
    assert.deepEqual(await Promise.all(["/flaky/canary-1", "/redirect/canary-2", "/refuse/canary-3", "/down/canary-4", "/ok/redirected"].map(async (path) => (await receiver.texts(path)).length)), [2, 1, 1, 3, 0]);
    assert.ok(!readFileSync(join(folder, "mission", "notifications.jsonl"), "utf8").includes("canary"));
  });

  it("is not waited for longer than asked when a target hangs, and records what did not get through", async () => {
    const herald = await Herald.open(subjectOf({}, { production: [hook("/hang/x"), file] }), places(), { pauses: [], timeoutMs: 600_000 });
    observeAll(herald, await lines(MemoryMission.of()));
    const records = await herald.settle(300);
    assert.equal(told().length, 6);
    const lost = records.filter(({ ok }) => !ok);
    assert.deepEqual(lost.map(({ event }) => event), ["started", "staging-passed", "step-reached", "step-reached", "step-reached", "succeeded"]);
    assert.deepEqual([lost[0]?.reason, lost[1]?.reason], [`${receiver.host}: ended before it answered (1 try)`, "not told before the mission's process ended"]);
    assert.deepEqual(log(), records);
  });

  it("tells at least once over kills: what has no outcome is told again at a resume, what has one is not", async () => {
    const subject = subjectOf({}, { production: [hook("/ok/resume")] });
    const journal = await lines(MemoryMission.of());
    const first = await Herald.open(subject, places(), QUICK);
    first.observe(journal[0] as JournalLine, 0);
    await first.settle(20_000);
    // A kill in the middle of a line.
    appendFileSync(join(folder, "mission", "notifications.jsonl"), '{"seq":99,"tar');
    const second = await Herald.open(subject, places(), QUICK);
    observeAll(second, journal);
    await second.settle(20_000);
    const third = await Herald.open(subject, places(), QUICK);
    observeAll(third, journal);
    await third.settle(20_000);
    const texts = await receiver.texts("/ok/resume");
    assert.deepEqual([texts.length, new Set(texts).size], [6, 6]);
    assert.equal(third.records.length, 6);
  });

  it("keeps a bounded queue, in which the newest news count", async () => {
    const herald = await Herald.open(subjectOf({}, { production: [hook("/ok/many")] }), places(), QUICK);
    for (let seq = 0; seq < 80; seq += 1) herald.observe({ kind: "result", id: `production/${seq + 1}/weight-10`, value: null }, seq);
    const records = await herald.settle(30_000);
    assert.deepEqual([records.filter(({ reason }) => reason === "dropped: 50 newer ones wait").length, records.length], [30, 80]);
    assert.deepEqual([(await receiver.texts("/ok/many")).length, Math.min(...records.filter(({ ok }) => ok).map(({ seq }) => seq))], [50, 30]);
  });

  it("never lets out a webhook's path or a key, nor anything that Slack would take for a command", async () => {
    const subject = subjectOf({}, { production: [hook("/ok/services/T0/B0/canary"), file] });
    const reason = `Gate "smoke" is FAIL: "${receiver.url}/ok/services/T0/B0/canary" answered <!channel> & more`;
    const herald = await Herald.open(subject, places(), QUICK);
    herald.observe({ kind: "terminal", id: "refused", reason }, 7);
    await herald.settle(20_000);
    const [text = ""] = await receiver.texts("/ok/services/T0/B0/canary");
    assert.ok(!text.includes("canary") && text.endsWith("answered &lt;!channel&gt; &amp; more"), text);
    const [line] = told();
    assert.ok(line?.["text"]?.endsWith("answered <!channel> & more") === true && !line["text"].includes("canary"));
  });

  it("does not throw when nothing can be recorded, and tells all the same", async () => {
    writeFileSync(join(folder, "mission"), "a file where the folder should be");
    const herald = await Herald.open(subjectOf({}, { production: [hook("/ok/unrecorded"), { type: "file", path: "\0" }] }), places(), QUICK);
    herald.observe(startLine(subjectOf()), 0);
    herald.observe({ kind: "terminal", id: "succeeded", reason: null } as JournalLine, 1);
    const records = await herald.settle(20_000);
    assert.deepEqual([records.filter(({ ok }) => ok).length, records.length, existsSync(join(folder, "mission", "notifications.jsonl"))], [2, 4, false]);
    assert.match((await receiver.texts("/ok/unrecorded")).at(-1) ?? "", /No reason is recorded/);
  });
});
