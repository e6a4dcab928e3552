import assert from "node:assert/strict";
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Delivery } from "../../../delivery/deliver.js";
import { alarmDelivered } from "../../../runner/gates/alarm-delivered.js";
import { PlatformRefusal } from "../../../runner/platforms/adapter.js";

describe("Gate alarm-delivered", () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "mission-gate-"))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const answering = (...deliveries: Delivery[]) => ({ testAlarm: () => Promise.resolve(deliveries) });
  const file = (name: string): Delivery => ({ type: "file", where: join(folder, name), ok: true, reason: null });
  const hook: Delivery = { type: "webhook", where: "hooks.example.com", ok: true, reason: null };

  it("passes when the file holds the line and the webhook answered 2xx, and counts both", async () => {
    writeFileSync(join(folder, "told"), `${"x".repeat(3_000_000)}\n${JSON.stringify({ test: "probe-1" })}\nno json\n`);
    const { gate, verdict, measured, details } = await alarmDelivered(answering(file("told"), hook), "web", "probe-1");
    assert.deepEqual([gate, verdict, measured["targets"], measured["delivered"]], ["alarm-delivered", "PASS", 2, 2]);
    assert.match(details.join("\n"), /holds the line that the platform wrote.*\n.*"hooks\.example\.com" answered 2xx/);
  });

  it("does not believe a platform whose file does not hold the test", async () => {
    writeFileSync(join(folder, "told"), `${JSON.stringify({ test: "probe-11", text: "probe-1" })}\n`);
    const first = await alarmDelivered(answering(hook, file("told")), "web", "probe-1");
    assert.deepEqual([first.verdict, first.measured["delivered"]], ["FAIL", 1]);
    assert.match(first.summary, /does not hold the test alarm/);
    appendFileSync(join(folder, "told"), `${JSON.stringify({ test: "probe-1" })}\n`);
    assert.equal((await alarmDelivered(answering(file("told")), "web", "probe-1")).verdict, "PASS");
  });

  it("fails without an alarm, without anybody to tell, and when somebody cannot be told", async () => {
    const none = await alarmDelivered({ testAlarm: () => Promise.reject(new PlatformRefusal("no-alarm", 'Service "web" has no alarm.')) }, "web", "probe-1");
    const nobody = await alarmDelivered(answering(), "web", "probe-1");
    const lost = await alarmDelivered(answering(hook, { ...hook, ok: false, reason: "hooks.example.com answered 410 (1 try)" }), "web", "probe-1");
    assert.deepEqual([none.verdict, nobody.verdict, lost.verdict], ["FAIL", "FAIL", "FAIL"]);
    assert.equal(nobody.summary, 'The alarms of service "web" tell nobody; name a file or a webhook in mission:notifications.');
    assert.match(lost.summary, /Webhook at "hooks\.example\.com" was not reached.*answered 410/);
  });

  it("is an error, never a pass, when the platform cannot test, does not answer, or the file cannot be read here", async () => {
    const broken = await alarmDelivered({ testAlarm: () => Promise.reject(new Error("The supervisor does not answer.")) }, "web", "probe-1");
    const silent = await alarmDelivered({ testAlarm: () => new Promise(() => undefined) }, "web", "probe-1", 20);
    const elsewhere = await alarmDelivered(answering(file("nowhere")), "web", "probe-1");
    assert.deepEqual([broken.verdict, silent.verdict, elsewhere.verdict], ["ERROR", "ERROR", "ERROR"]);
    assert.match(silent.summary, /did not say within 20 ms/);
    assert.match(elsewhere.summary, /cannot be read here \(ENOENT\)/);
  });
});
