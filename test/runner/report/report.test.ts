import assert from "node:assert/strict";
import fc from "fast-check";
import type { JournalLine } from "../../../runner/mission/journal-port.js";
import type { MissionRecord } from "../../../runner/mission/mission-record.js";
import type { NotificationRecord } from "../../../runner/notify/notification-log.js";
import { historyOf, historyText, statusOf, statusText } from "../../../runner/report/history.js";
import { postMortemMarkdown } from "../../../runner/report/post-mortem.js";
import { reportMarkdown } from "../../../runner/report/report-markdown.js";
import { reportOf, type Report } from "../../../runner/report/report.js";
import { journalOf, startLine, subjectOf } from "../../support/missions.js";
import "../../support/seed.js";
import { MemoryMission } from "../mission/memory-mission.js";
import { recordOf, SEEN } from "./example-missions.js";

const TOLD: NotificationRecord = { seq: 0, event: "started", target: "0123456789ab", type: "webhook", where: "hooks.example.com", ok: false, reason: "hooks.example.com answered 410 (1 try)", at: "2026-01-02T03:04:05.000Z" };

const MISSIONS: readonly (readonly [state: string, make: () => MemoryMission])[] = [
  ["succeeded", () => MemoryMission.of()],
  ["succeeded", () => MemoryMission.of({}, { first: true })],
  ["refused", () => MemoryMission.of({ staging: { badFrom: 1 } })],
  ["rolled-back", () => MemoryMission.of({ production: { badFrom: 50 } }, { services: ["api", "web"] })],
  ["rolled-back", () => MemoryMission.of({ production: { badWhenLive: true } })],
  ["failed-safe", () => failing()],
  ["failed-safe", () => MemoryMission.of({ production: { badWhenLive: true } }, { first: true })],
];

function failing(): MemoryMission {
  const mission = MemoryMission.of({ production: { badFrom: 50 } });
  mission.production.refusesBack = 1_000;
  return mission;
}

/** Everything that can be made of a record; it must be plain JSON. */
function everything(record: MissionRecord): { readonly report: Report; readonly texts: readonly string[] } {
  const report = reportOf(record, [TOLD]);
  assert.deepEqual(JSON.parse(JSON.stringify(report)), report);
  const status = statusOf(record, Date.UTC(2026, 0, 2, 4));
  assert.deepEqual(JSON.parse(JSON.stringify(status)), status);
  return { report, texts: [reportMarkdown(report), postMortemMarkdown(report) ?? "", statusText(status), historyText(historyOf([record, record]))] };
}

/** Cells of each line of each table. */
function cells(markdown: string): number[][] {
  const rows = markdown.split("\n").map((line) => (line.startsWith("|") ? line.split(/(?<!\\)\|/).length : 0));
  return rows.reduce<number[][]>((tables, count) => (count === 0 ? [...tables, []] : [...tables.slice(0, -1), [...(tables.at(-1) ?? []), count]]), [[]]);
}

/** What of a text is neither code nor escaped nor quoted, by the rules of CommonMark; every value stands on one line. */
function proseOf(markdown: string): string {
  const lines = markdown.split("\n");
  let fence: string | null = null;
  const prose = lines.map((line) => {
    const [run] = /^`{3,}/.exec(line) ?? [];
    if (fence !== null ? line === fence : run !== undefined) {
      fence = fence === null ? (run ?? null) : null;
      return "";
    }
    return fence !== null || line.startsWith(">") ? "" : withoutCode(line);
  });
  assert.equal(fence, null, "every block ends");
  return prose.join("\n");
}

function withoutCode(line: string): string {
  let left = "";
  for (let at = 0; at < line.length; ) {
    const [run] = /^`+/.exec(line.slice(at)) ?? [];
    const end = run === undefined ? -1 : [...line.slice(at + run.length).matchAll(/`+/g)].find(([other]) => other.length === run.length)?.index;
    assert.notEqual(end, undefined, `code that does not end: ${line}`);
    if (line[at] === "\\") at += 2;
    else if (run !== undefined) at += 2 * run.length + (end ?? 0);
    else left += line[at++];
  }
  return left;
}

describe("A report", () => {
  it("can be made of every mission that is killed anywhere, in every state", async () => {
    for (const [state, make] of MISSIONS) {
      const whole = await recordOf(make(), { seen: [SEEN] });
      assert.equal(everything(whole).report.state, state);
      for (let length = 0; length < whole.lines.length; length += 1) {
        const { report, texts } = everything({ ...whole, lines: whole.lines.slice(0, length) });
        assert.equal(report.state, "unfinished");
        for (const text of texts) assert.ok(!/undefined|NaN|\[object/.test(text), text);
      }
    }
  });

  it("never throws, whatever a journal holds (property)", () => {
    const id = fc.oneof(fc.constantFrom("production/decided", "staging/decided", "validate/release", "plan/document", "staging/1/drill/back", "production/1/weight-50", "production/1/weight-50/approval", "production/probed", "production/roll-back/traffic", "production/1/finish", "production/parked", "succeeded", "failed-safe"), fc.string());
    const value = fc.oneof(fc.jsonValue(), fc.constant([{ gate: "g", verdict: "FAIL" }]), fc.constant([{ gate: "g", verdict: "ERROR", measured: { errorRate: 1 }, details: [3], evidence: [null, {}] }]), fc.constant({ sent: 0, failed: 0, longestGapMs: 0, p95Ms: null, byRelease: {} }));
    const line = fc.record({ kind: fc.constantFrom("start", "phase", "intent", "result", "note", "terminal"), id, value, detail: value, reason: value }) as fc.Arbitrary<JournalLine>;
    fc.assert(
      fc.property(fc.array(line, { maxLength: 30 }), (lines) => {
        const { texts } = everything({ subject: subjectOf(), lines: journalOf(lines) });
        assert.ok(texts.every((text) => text.length > 0 || lines.at(-1)?.id === "succeeded"));
      }),
      { numRuns: 300 },
    );
  });

  it("keeps its tables and blocks whatever values hold: pipes, backticks, line ends, tags (property)", () => {
    const nasty = fc.array(fc.constantFrom("|", "`", "``", "\n", "\\", "<b>", "<!--", "# ", "\r\n", "](", "@all", "x", " ", "\u202e", "- ", "$")).map((parts) => parts.join(""));
    fc.assert(
      fc.property(nasty, nasty, (one, two) => {
        const subject = subjectOf({ by: one, notes: two, waived: { [one]: two }, codebase: `/tmp/${two}`, confirmed: [one] });
        const lines: JournalLine[] = [startLine(subject), { kind: "phase", id: one }, { kind: "result", id: "production/1/weight-10/bake", value: [{ gate: two, verdict: "FAIL", summary: one, details: [two], measured: { [one]: two } }] }, { kind: "result", id: "production/decided", value: `${one} "${two}"` }, { kind: "terminal", id: "rolled-back", reason: two }];
        const report = reportOf({ subject, lines: journalOf(lines) }, [{ ...TOLD, where: one, reason: two }]);
        for (const markdown of [reportMarkdown(report), postMortemMarkdown(report) ?? ""]) {
          for (const rows of cells(markdown)) assert.ok(new Set(rows).size <= 1, markdown);
          const headings = markdown.split("\n").filter((each) => /^#/.test(each));
          assert.ok(headings.every((each) => /^#{1,2} [A-Z]|^# shop 1\.1\.0 was rolled back$/.test(each)), headings.join("\n"));
          assert.equal(markdown.split("\n").filter((each) => /^`{3,}/.test(each)).length % 2, 0);
          // Outside of code no tag and no comment is left, and nobody is called.
          const prose = proseOf(markdown);
          assert.ok(!/<(?!br>)/.test(prose), prose);
          assert.ok(!/(^|\W)@all/.test(prose), prose);
        }
      }),
      { numRuns: 300 },
    );
  });

  it("says of a rollback why, in numbers, how long it took to notice and to get back, and whose requests failed", async () => {
    const { report, texts: [markdown = "", draft = ""] } = everything(await recordOf(MemoryMission.of({ production: { badFrom: 50 } }), { seen: [SEEN, { ...SEEN, sent: 10, failed: 0, longestGapMs: 900, byRelease: { "1.0.0": { requests: 10, failed: 0 } } }] }));
    assert.equal(report.outcome, "shop 1.1.0 was rolled back: what served production before serves again.");
    assert.deepEqual([report.decision?.phase, report.decision?.gates.map(({ gate, step, measured }) => [gate, step, measured["errorRate"]])], ["production", [["error-rate", "production/1/weight-50/bake", 0.124]]]);
    // A line each second: the intent of 10 %, nine lines, the verdict, the decision, two lines until traffic is back.
    const at = (id: string, kind: string) => report.timeline.find(({ step, what }) => step === id && what.includes(kind))?.atMs ?? Number.NaN;
    const verdict = at("production/1/weight-50/bake", "Bake");
    assert.deepEqual(report.recovery, { environment: "production", detectionMs: verdict - at("production/1/weight-10", "Candidate"), detectedAt: { weight: 50, afterMs: verdict - at("production/1/weight-50", "Candidate") }, backMs: 3_000, failed: false, highestWeight: 50 });
    assert.deepEqual([report.recovery.detectionMs, report.recovery.detectedAt?.afterMs], [7_000, 2_000]);
    const kept = Object.fromEntries(report.promises.map(({ name, kept: one, values }) => [name, [one, values]]));
    assert.deepEqual(kept["Failed requests in production"], [true, { sent: 1_010, failed: 62, failedOfCandidate: 62, onlyOfCandidate: true }]);
    assert.deepEqual(kept["Longest time without an answer in production"], [true, { longestGapMs: 900 }]);
    assert.deepEqual(kept["Rollback in reality"], [true, { backMs: 3_000 }]);
    assert.deepEqual(kept["Error rate of the candidate in production"], [false, { errorRate: 0.124, baselineErrorRate: 0 }]);
    assert.deepEqual(kept["Response time p95 of the candidate in production"], [true, { p95Ms: 48.25, baselineP95Ms: 45 }]);
    assert.match(markdown, /^# shop 1\.1\.0 was rolled back\n\n\*\*shop 1\.1\.0 was rolled back: what served production before serves again\.\*\*\n\n\*\*Why:\*\* Gate "error-rate" of phase "production" is FAIL: 12\.4 % of the candidate's 500 requests failed; allowed are 1 %\./);
    assert.match(markdown, /62 of 1010, over 2 runs of the mission; by release: 1\.0\.0 0 of 710, 1\.1\.0 \(candidate\) 62 of 300 \| yes/);
    assert.match(markdown, /\.\/mission release-hold production --reason/);
    assert.match(draft, /largest share of production's traffic that the candidate was given \| 50 %/);
    assert.match(draft, /\*\*detection\*\*: from the candidate's first traffic to the verdict \| 7 s; 2 s after it was given 50 %/);
    assert.match(draft, /\*\*recovery\*\*: from the verdict to the platform's confirmation that traffic is as before \| 3 s/);
    assert.match(draft, /Gate `error-rate` was \*\*FAIL\*\* at \+0:\d\d, in step "Bake at 50 %"/);
    assert.match(draft, /_to be filled in_/);
  });

  it("says what nobody measured, and takes it for neither kept nor broken", async () => {
    const { report, texts: [markdown = "", draft = ""] } = everything(await recordOf(MemoryMission.of({ production: { badFrom: 50 } })));
    assert.deepEqual(report.promises.slice(0, 2).map(({ kept }) => kept), [null, null]);
    assert.equal(report.traffic.production, null);
    assert.match(markdown, /not measured: no client has recorded what it saw of production \| - \|/);
    assert.match(draft, /not measured: no client has recorded what it saw \|/);
    assert.match(draft, /How many users were affected\? No client recorded it\./);
  });

  it("does not call a promise kept when requests of the old release failed, or of nobody known", async () => {
    for (const release of ["1.0.0", "unknown"]) {
      const seen = { ...SEEN, failed: 63, longestGapMs: 31_000, byRelease: { ...SEEN.byRelease, [release]: { requests: 700, failed: 1 } } };
      const { promises } = reportOf(await recordOf(MemoryMission.of({ production: { badFrom: 50 } }), { seen: [seen] }));
      assert.deepEqual(promises.slice(0, 2).map(({ kept }) => kept), [false, false], release);
    }
  });

  it("of a success names commit, digests, plan, evidence, and until when going back takes seconds", async () => {
    const { report, texts: [markdown = "", draft] } = everything(await recordOf(MemoryMission.of(), { subject: { notes: "## Faster\n- much" } }));
    assert.equal(draft, "");
    assert.deepEqual([report.commit, Object.keys(report.digests), report.plan?.slice(0, 7), report.evidence.map(({ gate }) => gate)], ["a".repeat(40), ["web"], "sha256:", ["tests-passed"]]);
    const finished = report.timeline.find(({ step }) => step === "production/1/finish");
    const until = new Date(Date.UTC(2026, 0, 2, 3, 4, 5) + (finished?.atMs ?? 0) + (finished?.tookMs ?? 0) + 3_600_000).toISOString();
    assert.equal(report.stillRunning.find(({ environment }) => environment === "production")?.warmUntil, until);
    assert.match(markdown, /\.\/mission rollout restore production/);
    assert.match(markdown, /\n> ## Faster\n> - much\n/);
    assert.match(markdown, /webhook `hooks\.example\.com` \| \*\*not told:\*\* hooks\.example\.com answered 410/);
  });

  it("always shows what was waived, on the first screen", async () => {
    const subject = { waived: { "docs-updated": "typo only" }, hotfix: { reason: "checkout is down", by: "on call" } };
    const { report, texts: [markdown = ""] } = everything(await recordOf(MemoryMission.of(), { subject }));
    assert.deepEqual(report.waivers.map(({ what, reason, by }) => [what, reason, by]), [["staging, and the window (hotfix)", "checkout is down", "on call"], ['checklist item "docs-updated"', "typo only", "someone@somewhere"]]);
    const [, waived = ""] = /## Waived\n([^#]*)/.exec(markdown) ?? [];
    assert.match(waived, /hotfix.*checkout is down.*\n.*docs-updated.*typo only/);
    assert.ok(markdown.indexOf("**2 waived**") < markdown.indexOf("## Promises") && markdown.indexOf("## Waived") < markdown.indexOf("## Promises"));
  });

  it("of a refusal says that no user saw it; of a failure what to do, without calling it recovered", async () => {
    const refused = everything(await recordOf(MemoryMission.of({ staging: { badFrom: 1 } })));
    assert.match(refused.texts[1] ?? "", /It was found before any user could see it\./);
    assert.match(refused.texts[1] ?? "", /candidate was given \| none \|/);
    const failed = everything(await recordOf(failing()));
    assert.match(failed.texts[1] ?? "", /not recovered by the mission/);
    assert.match(failed.texts[0] ?? "", /# shop 1\.1\.0 needs a person[\s\S]*\.\/mission rollout set production 0[\s\S]*\.\/mission unfreeze production --reason/);
    assert.deepEqual(failed.report.promises.find(({ name }) => name === "Rollback in reality")?.kept, false);
    const first = everything(await recordOf(MemoryMission.of({ production: { badWhenLive: true } }, { first: true })));
    assert.match(first.texts[1] ?? "", /candidate was given \| 100 %: it was the first deployment/);
  });

  it("does not lay it on a gate when something else stopped the mission", async () => {
    const mission = MemoryMission.of();
    const apply = mission.production.apply.bind(mission.production);
    mission.production.apply = (intent, services) => (intent.kind === "set" && intent.weight === 50 ? Promise.reject(new Error("The engine did not answer.")) : apply(intent, services));
    const { report, texts: [, draft = ""] } = everything(await recordOf(mission));
    assert.deepEqual([report.state, report.decision?.gates, report.decision?.reason], ["rolled-back", [], "The engine did not answer."]);
    assert.match(draft, /No recorded gate: in phase production, at \+0:\d\d, the mission stopped because of this:\n\nThe engine did not answer\./);
    assert.match(draft, /What became of this: Candidate gets 50 %: begun; no end is recorded\./);
  });
});
