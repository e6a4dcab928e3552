import assert from "node:assert/strict";
import { appendFileSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { judgeReports, openUserReports, type UserReports, type UserReportsSetting } from "../../../runner/watch/user-reports.js";
import { watchRelease } from "../../../runner/watch/watch-release.js";
import { releaseOf } from "../../support/specs.js";
import { FakePlatform, LIMITS } from "./fake-platform.js";

describe("error reports of users", () => {
  const opened: UserReports[] = [];
  let home: string;
  let outside: string | undefined;
  const open = async (setting: UserReportsSetting): Promise<UserReports> => {
    const answer = await openUserReports(setting);
    assert.ok(answer.ok, answer.ok ? "" : answer.reason);
    opened.push(answer.value);
    return answer.value;
  };
  const count = async (reports: UserReports): Promise<number> => {
    const answer = await reports.count();
    assert.ok(answer.ok, answer.ok ? "" : answer.reason);
    return answer.value.reports;
  };

  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), "mission-reports-"));
    outside = process.env["MISSION_HOME"];
    process.env["MISSION_HOME"] = home;
  });
  afterEach(async () => {
    for (const each of opened.splice(0)) await each.close();
    if (outside === undefined) delete process.env["MISSION_HOME"];
    else process.env["MISSION_HOME"] = outside;
    rmSync(home, { recursive: true, force: true });
  });

  describe("in a file", () => {
    it("are the lines that came since watching began, also one without an end, and no blank ones", async () => {
      const file = join(home, "reports.log");
      writeFileSync(file, "old one\nold two\n");
      const reports = await open({ file: "reports.log" });
      assert.equal(await count(reports), 0);
      appendFileSync(file, "the basket is empty\n\n  \nno more ");
      assert.equal(await count(reports), 2);
      appendFileSync(file, "pictures\r\nthird\n");
      const answer = await reports.count();
      assert.deepEqual(answer.ok && answer.value, { reports: 3, last: ["the basket is empty", "no more pictures", "third"] });
    });

    it("are none in a file that is not there, and are counted when it comes", async () => {
      const reports = await open({ file: "later.log" });
      assert.equal(await count(reports), 0);
      writeFileSync(join(home, "later.log"), "one\ntwo\n");
      assert.equal(await count(reports), 2);
    });

    it("stay counted when the file is truncated or replaced, and new ones are added", async () => {
      const file = join(home, "reports.log");
      writeFileSync(file, "old\n");
      const reports = await open({ file });
      appendFileSync(file, "one\ntwo\n");
      assert.equal(await count(reports), 2);
      writeFileSync(file, "three\n");
      assert.equal(await count(reports), 3);
      renameSync(file, `${file}.1`);
      assert.equal(await count(reports), 3);
      writeFileSync(file, "four\nfive with a longer text than the file before had\n");
      assert.equal(await count(reports), 5);
    });

    it("are shown cut to 200 characters and without control characters", async () => {
      const file = join(home, "reports.log");
      const reports = await open({ file });
      writeFileSync(file, `\u001b[31mred\u0007 \u202ereversed\n${"é".repeat(100_000)}\n`);
      const answer = await reports.count();
      assert.ok(answer.ok);
      const [first, second] = answer.value.last;
      assert.equal(first, "[31mred reversed");
      assert.ok(second?.endsWith("…") && [...second].length === 200);
    });

    it("cannot be read from a folder, and that is said", async () => {
      mkdirSync(join(home, "folder"));
      const answer = await openUserReports({ file: "folder" });
      assert.ok(!answer.ok && /folder" for error reports of users is no file/.test(answer.reason));
    });
  });

  describe("at a port", () => {
    const address = (reports: UserReports): string => /http:\/\/127\.0\.0\.1:\d+\//.exec(reports.where)?.[0] ?? "";
    const post = async (url: string, body: string) => (await fetch(url, { method: "POST", body })).status;

    it("are taken by POST on 127.0.0.1 with any body up to 64 KiB, and larger ones are counted too", async () => {
      const reports = await open({ port: 0 });
      const url = address(reports);
      assert.deepEqual([await post(url, "it is slow"), await post(`${url}any/path`, "x".repeat(65_536)), await post(url, ""), await post(url, "x".repeat(65_537))], [204, 204, 204, 413]);
      assert.equal((await fetch(url)).status, 405);
      assert.equal(await count(reports), 4);
    });

    it("are an error where the port is in use, and the port is free again afterwards", async () => {
      const first = await open({ port: 0 });
      const port = Number(new URL(address(first)).port);
      const second = await openUserReports({ port });
      assert.ok(!second.ok && second.reason.startsWith(`Port ${port} for error reports of users is in use; perhaps another mission watches there.`), JSON.stringify(second));
      assert.equal(judgeReports(second, 0).verdict, "ERROR");
      await first.close();
      await open({ port });
    });
  });

  it("end a watch at the next look when there are more than allowed, with the texts", async () => {
    const platform = new FakePlatform();
    platform.clock.at(3_500, () => appendFileSync(join(home, "reports.log"), "cannot pay\n"));
    const results = await watchRelease({ adapter: platform, clock: platform.clock, release: releaseOf("1.1.0"), limits: LIMITS, milliseconds: 10_000, baseline: null, userReports: { file: "reports.log" } });
    const found = results.find(({ gate }) => gate === "user-reports");
    assert.deepEqual(found, { gate: "user-reports", verdict: "FAIL", summary: "Users sent 1 error report; allowed are 0.", details: ["Report: cannot pay"], measured: { reports: 1, allowed: 0 } });
    assert.equal(platform.clock.passed, 4_000);
  });

  it("pass a watch where there are none or as many as allowed, and are an error where they cannot be read", async () => {
    const platform = new FakePlatform();
    platform.clock.at(3_500, () => appendFileSync(join(home, "reports.log"), "cannot pay\n"));
    const notes: string[] = [];
    const watching = { adapter: platform, clock: platform.clock, release: releaseOf("1.1.0"), limits: { ...LIMITS, userReports: 1 }, milliseconds: 10_000, baseline: null, onNote: (text: string) => notes.push(text) };
    const results = await watchRelease({ ...watching, userReports: { file: "reports.log" } });
    assert.ok(results.length === 4 && results.every(({ verdict }) => verdict === "PASS"));
    assert.match(notes.join(), /lines that come into/);
    mkdirSync(join(home, "folder"));
    assert.deepEqual((await watchRelease({ ...watching, userReports: { file: "folder" } })).map(({ gate, verdict }) => [gate, verdict]), [["user-reports", "ERROR"]]);
  });
});
