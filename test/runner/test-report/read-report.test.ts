import "../../support/seed.js";
import assert from "node:assert/strict";
import { utimes } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { digestOf, digestOfValue } from "../../../model/digest.js";
import { readTestReport } from "../../../runner/test-report/read-report.js";
import type { TestCounts } from "../../../runner/test-report/test-counts.js";
import { addFiles, codebase, emptyFolder, removeCodebases, type FileContent } from "../../support/codebases.js";
import { mochaTests, nodeTests } from "./suites.js";

const started = new Date(Date.now() - 1_000);

async function read(files: Readonly<Record<string, FileContent>>, pattern = "report.xml") {
  return readTestReport(await codebase(files), pattern, started);
}

async function counts(files: Readonly<Record<string, FileContent>>, pattern?: string): Promise<TestCounts> {
  const counted = await read(files, pattern);
  assert.ok(counted.ok, counted.ok ? "" : counted.problems.join("\n"));
  return counted.counts;
}

async function problems(files: Readonly<Record<string, FileContent>>, pattern?: string): Promise<readonly string[]> {
  const counted = await read(files, pattern);
  assert.ok(!counted.ok, JSON.stringify(counted));
  return counted.problems;
}

const figures = ({ executed, passed, failed, skipped }: TestCounts) => ({ executed, passed, failed, skipped });

/** As the CTRF specification describes a report. */
function ctrf(statuses: readonly string[], summary: Record<string, number> = {}) {
  const having = (status: string) => statuses.filter((each) => each === status).length;
  const counted = Object.fromEntries(["passed", "failed", "skipped", "pending", "other"].map((status) => [status, having(status)]));
  const tests = statuses.map((status, index) => ({ name: `test ${index}`, status, duration: 3, suite: ["outer", "inner"] }));
  return JSON.stringify({ reportFormat: "CTRF", specVersion: "1.0.0", results: { tool: { name: "some runner", version: "2.0.0" }, summary: { tests: statuses.length, ...counted, start: 1_760_000_000_000, stop: 1_760_000_000_100, ...summary }, tests } });
}

describe("a test report in JUnit XML", () => {
  afterEach(removeCodebases);

  it("is read as node --test writes it, with suites in suites and tests beside them", async () => {
    const text = await nodeTests("junit");
    const found = await counts({ "report.xml": text });
    assert.deepEqual(found, { executed: 2, passed: 1, failed: 1, skipped: 3, source: "JUnit XML", digest: digestOf(text), failedNames: ["outer > inner > fails & <breaks>"] });
  });

  it("is read as mocha's xunit reporter writes it, which calls a failed test an error in its totals", async () => {
    const text = await mochaTests("xunit");
    assert.match(text, /failures="0" errors="1"/);
    assert.deepEqual(figures(await counts({ "report.xml": text })), { executed: 2, passed: 1, failed: 1, skipped: 2 });
  });

  it("is read as pytest writes it: an expected failure is skipped, an error is a failure", async () => {
    const text = `<?xml version="1.0" encoding="utf-8"?><testsuites name="pytest tests"><testsuite name="pytest" errors="1" failures="1" skipped="2" tests="5" time="0.131"><testcase classname="test_a" name="test_ok" time="0.001" /><testcase classname="test_a" name="test_bad" time="0.002"><failure message="assert 1 == 2">&gt;   def test_bad(): assert 1 == 2</failure></testcase><testcase classname="test_a" name="test_skip" time="0.001"><skipped type="pytest.skip" message="unconditional skip">test_a.py:4: unconditional skip</skipped></testcase><testcase classname="test_a" name="test_x" time="0.001"><skipped type="pytest.xfail" message="" /></testcase><testcase classname="test_a" name="test_err" time="0.000"><error message="failed on setup">@pytest.fixture</error></testcase></testsuite></testsuites>`;
    assert.deepEqual(figures(await counts({ "report.xml": text })), { executed: 3, passed: 1, failed: 2, skipped: 2 });
  });

  it("counts what stands in it, not what its totals say", async () => {
    const text = '<testsuite name="s" tests="100" failures="0" errors="0"><testcase name="a"/><testcase name="b"><failure/></testcase><testcase name="c" status="notrun"/><testcase name="d" result="suppressed"/></testsuite>';
    assert.deepEqual(figures(await counts({ "report.xml": text })), { executed: 2, passed: 1, failed: 1, skipped: 2 });
    assert.deepEqual(figures(await counts({ "report.xml": '<testsuites tests="7"/>' })), { executed: 0, passed: 0, failed: 0, skipped: 0 });
  });

  it("counts a suite that failed without a test", async () => {
    const found = await counts({ "report.xml": '<testsuites><testsuite name="s"><error>cannot be loaded</error><system-out><![CDATA[<testcase name="no test"/>]]></system-out></testsuite></testsuites>' });
    assert.deepEqual(figures(found), { executed: 1, passed: 0, failed: 1, skipped: 0 });
    assert.deepEqual(found.failedNames, ["s"]);
  });

  it("counts every test of any tree of suites once", async () => {
    const kinds = { passed: "", failed: "<failure/>", skipped: "<skipped/>" } as const;
    const tests = fc.array(fc.constantFrom("passed", "failed", "skipped" as const), { maxLength: 5 });
    const trees = fc.letrec<{ tree: { readonly tests: readonly (keyof typeof kinds)[]; readonly suites: readonly unknown[] } }>((tie) => ({ tree: fc.record({ tests, suites: fc.oneof({ maxDepth: 4 }, fc.constant([]), fc.array(tie("tree"), { maxLength: 3 })) }) })).tree;
    type Tree = { readonly tests: readonly (keyof typeof kinds)[]; readonly suites: readonly unknown[] };
    const xml = ({ tests: own, suites }: Tree): string => `<testsuite name="s">${own.map((kind) => `<testcase name="t">${kinds[kind]}</testcase>`).join("")}${suites.map((each) => xml(each as Tree)).join("")}</testsuite>`;
    const all = ({ tests: own, suites }: Tree): string[] => [...own, ...suites.flatMap((each) => all(each as Tree))];
    await fc.assert(
      fc.asyncProperty(trees, async (tree) => {
        const found = await counts({ "report.xml": `<testsuites>${xml(tree)}</testsuites>` });
        const having = (kind: string) => all(tree).filter((each) => each === kind).length;
        assert.deepEqual(figures(found), { executed: having("passed") + having("failed"), passed: having("passed"), failed: having("failed"), skipped: having("skipped") });
      }),
      { numRuns: 100 },
    );
  });

  it("is refused wherever it was cut off", async () => {
    const text = await nodeTests("junit");
    const end = text.lastIndexOf("</testsuites>");
    for (const length of [1, 40, 60, 200, text.length >> 1, end, end + 5]) assert.match((await problems({ "report.xml": text.slice(0, length) })).join(), /no well-formed XML/, String(length));
  });

  it("is refused when it is something else", async () => {
    assert.match((await problems({ "report.xml": "<html/>" })).join(), /root "html"/);
    assert.match((await problems({ "report.xml": "" })).join(), /is empty; allowed are JUnit XML and CTRF JSON/);
    assert.match((await problems({ "report.xml": "ok 1 - a" })).join(), /neither XML nor JSON/);
  });

  it("does not have its entities blown up", async () => {
    const entities = Array.from({ length: 30 }, (_, index) => `<!ENTITY e${index + 1} "${`&e${index};`.repeat(10)}">`).join("");
    const text = `<?xml version="1.0"?><!DOCTYPE s [<!ENTITY e0 "0123456789">${entities}]><testsuite name="s"><testcase name="&e30;"/></testsuite>`;
    const found = await read({ "report.xml": text });
    if (found.ok) assert.deepEqual(figures(found.counts), { executed: 1, passed: 1, failed: 0, skipped: 0 });
  });
});

describe("a test report in CTRF JSON", () => {
  afterEach(removeCodebases);

  it("counts its tests: pending ones are skipped, and what is neither passed nor skipped has failed", async () => {
    const text = ctrf(["passed", "passed", "failed", "skipped", "pending", "other"]);
    const found = await counts({ "ctrf.json": text }, "ctrf.json");
    assert.deepEqual(found, { executed: 4, passed: 2, failed: 2, skipped: 2, source: "CTRF JSON", digest: digestOf(text), failedNames: ["outer > inner > test 2", "outer > inner > test 5"] });
  });

  it("is refused when its summary tells of failures that its tests do not", async () => {
    assert.match((await problems({ "ctrf.json": ctrf(["passed"], { failed: 1 }) }, "ctrf.json")).join(), /contradicts itself: its summary tells of 1 failed tests, its list of 0/);
  });

  it("is refused with what is wrong when it is cut off or something else", async () => {
    assert.match((await problems({ "ctrf.json": ctrf(["passed"]).slice(0, -1) }, "ctrf.json")).join(), /no complete JSON/);
    assert.match((await problems({ "ctrf.json": '{"results": {}}' }, "ctrf.json")).join(), /no CTRF: "results.tool"/);
    assert.match((await problems({ "ctrf.json": ctrf(["green"]) }, "ctrf.json")).join(), /"results.tests\[0\].status" is "green"/);
  });
});

describe("the files of a test report", () => {
  afterEach(removeCodebases);
  const suite = (name: string, failed = false) => `<testsuite name="${name}"><testcase name="t">${failed ? "<failure/>" : ""}</testcase></testsuite>`;

  it("are added up, of both formats, with the digest of the list", async () => {
    const files = { "reports/a.xml": suite("a"), "reports/b.xml": suite("b", true), "reports/.c.xml": suite("c"), "reports/d.txt": "no report", "other/e.xml": suite("e") };
    const found = await counts(files, "reports/*.xml");
    const list = ["a", "b"].map((name) => ({ path: `reports/${name}.xml`, digest: digestOf(files[`reports/${name}.xml` as keyof typeof files]) }));
    assert.deepEqual(found, { executed: 2, passed: 1, failed: 1, skipped: 0, source: "JUnit XML", digest: digestOfValue(list), failedNames: ["b > t"] });
    assert.equal((await counts(files, "*/*.xml")).executed, 3);
    assert.equal((await counts({ "r/a.xml": suite("a"), "r/b.json": ctrf(["passed"]) }, "./r/*")).source, "JUnit XML and CTRF JSON");
  });

  it("take nothing but * for more than itself", async () => {
    assert.equal((await counts({ "a[1]?.xml": suite("a"), "a1x.xml": "" }, "a[1]?.x*")).executed, 1);
    assert.match((await problems({ "axml": suite("a") }, "a.*")).join(), /was not there after the tests/);
  });

  it("are all refused when one is older than the test run, or cannot be read", async () => {
    const folder = await codebase({ "r/a.xml": suite("a"), "r/b.xml": suite("b"), "r/c.xml": "cut" });
    await utimes(join(folder, "r/b.xml"), new Date(), new Date(started.getTime() - 60_000));
    const counted = await readTestReport(folder, "r/*.xml", started);
    assert.ok(!counted.ok);
    assert.equal(counted.problems.length, 2);
    assert.match(counted.problems[0] ?? "", /"r\/b.xml" is from .*, before the test run began at .*left over from another run/);
    assert.match(counted.problems[1] ?? "", /"r\/c.xml" is neither XML nor JSON/);
  });

  it("are from this run when a file system notes whole seconds only", async () => {
    const folder = await codebase({ "report.xml": suite("a") });
    const second = Math.floor(Date.now() / 1_000);
    const readAt = async (mtime: number) => (await readTestReport(folder, "report.xml", new Date(second * 1_000 + 900))).ok && mtime > 0;
    await utimes(join(folder, "report.xml"), second, second);
    assert.equal(await readAt(second), true);
    await utimes(join(folder, "report.xml"), second - 1, second - 1);
    assert.equal(await readAt(second - 1), false);
  });

  it("are looked for below the codebase only", async () => {
    const outside = await emptyFolder("outside");
    await addFiles(outside, { "report.xml": suite("a") });
    for (const pattern of ["../report.xml", join(outside, "report.xml"), "r/../../x.xml"]) assert.match((await problems({}, pattern)).join(), /leads outside the codebase/, pattern);
    assert.match((await problems({ "report.xml": { link: join(outside, "report.xml") } })).join(), /leads outside the codebase/);
    assert.match((await problems({ "r": { link: outside } }, "r/*.xml")).join(), /leads outside the codebase/);
  });

  it("that are not there, or no files, are named", async () => {
    assert.match((await problems({})).join(), /"report.xml" was not there after the tests; make the test command write it/);
    assert.match((await problems({ "report.xml/a": "" })).join(), /is no file/);
  });
});
