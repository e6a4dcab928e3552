import assert from "node:assert/strict";
import { realpath } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "yaml";
import { checklistResultSchema, type ChecklistResult } from "../../../evidence/predicates.js";
import type { EvidenceReference } from "../../../model/evidence.js";
import { checklistComplete } from "../../../runner/gates/checklist-complete.js";
import { codebase, projectRoot, removeCodebases } from "../../support/codebases.js";

const LINT = { id: "lint", title: "Lint is clean", command: "true" };
const NOTES = { id: "notes", title: "There are release notes", file: "NOTES.md", contains: ["1.1.0"] };
const REFERENCE: EvidenceReference = { type: "x", sha256: "0".repeat(64) };
const SUPPORT = { id: "support", title: "Support knows", manual: true };

describe("the gate checklist-complete", () => {
  afterEach(removeCodebases);

  const gate = async (items: readonly unknown[] | string | null, words: { confirmed?: string[]; waived?: Record<string, string>; signal?: AbortSignal; record?: (result: ChecklistResult) => Promise<EvidenceReference> } = {}) => {
    const folder = await codebase({ "NOTES.md": "# 1.1.0\n", ...(items === null ? {} : { "checklist.yaml": typeof items === "string" ? items : stringify({ items }) }) });
    return checklistComplete({ codebase: folder, confirmed: [], waived: {}, by: "ada@build-1", record: null, ...words });
  };

  it("passes a codebase without a checklist and says so", async () => {
    const { verdict, summary } = await gate(null);
    assert.deepEqual([verdict, summary], ["PASS", "The codebase has no checklist.yaml, so there is nothing to complete."]);
  });

  it("passes when commands exit with 0, files are as they must be, and people have confirmed the rest", async () => {
    const { verdict, summary, measured } = await gate([LINT, NOTES, SUPPORT], { confirmed: ["support"] });
    assert.deepEqual([verdict, summary], ["PASS", "3 of 3 items of the checklist are complete."]);
    assert.deepEqual(measured, { items: 3, passed: 2, confirmed: 1, waived: 0, failed: 0, open: 0 });
  });

  it("signs what came of each item, passed or not, by whom and why", async () => {
    const signed: ChecklistResult[] = [];
    const record = (result: ChecklistResult) => {
      signed.push(checklistResultSchema.parse(result));
      return Promise.resolve(REFERENCE);
    };
    const { evidence } = await gate([LINT, NOTES, SUPPORT, { ...SUPPORT, id: "legal" }, { ...LINT, id: "red", command: "exit 1" }], { confirmed: ["support"], waived: { lint: " the linter is broken " }, record });
    assert.deepEqual(evidence, [REFERENCE]);
    assert.deepEqual(signed[0]?.items.map(({ id, state, by, reason }) => [id, state, by, reason]), [
      ["lint", "waived", "ada@build-1", "the linter is broken"],
      ["notes", "passed", null, null],
      ["support", "confirmed", "ada@build-1", null],
      ["legal", "open", null, null],
      ["red", "failed", null, null],
    ]);
    assert.deepEqual((await gate(null, { record })).evidence, [REFERENCE]);
    assert.deepEqual(signed[1], { items: [] }, "a codebase without a checklist has an empty one");
    assert.equal((await gate("items: 7", { record })).evidence, undefined, "of a checklist with mistakes nothing is known");
    const failed = await gate([LINT], { record: () => Promise.reject(new Error("ENOSPC")) });
    assert.deepEqual([failed.verdict, /could not be recorded: ENOSPC/.test(failed.summary)], ["ERROR", true]);
  });

  it("fails an item that nobody has confirmed, with the exact options to give", async () => {
    const { verdict, summary } = await gate([LINT, SUPPORT]);
    assert.deepEqual([verdict, summary], ["FAIL", '1 of 2 items of the checklist are open: "support" (Support knows) is not confirmed. Give --confirm support when it is so, or --waive support=<reason>.']);
  });

  it("fails a command with its last lines, a file that is missing or lacks a text, and goes on to name all of them", async () => {
    const items = [{ ...LINT, command: "echo line 7 is bad; exit 2" }, NOTES, { id: "licence", title: "Licence", file: "LICENCE" }, { id: "old", title: "Old notes", file: "NOTES.md", contains: ["1.1.0", "0.9", "0.8"] }];
    const { verdict, summary, details, measured } = await gate(items);
    assert.equal(verdict, "FAIL");
    assert.match(summary, /^3 of 4 items of the checklist are open: "lint" \(Lint is clean\): its command failed with exit code 2\. Its last lines:\nline 7 is bad\n Put it right, or give --waive lint=<reason>\./);
    assert.match(summary, /the file "LICENCE" is not there\./);
    assert.match(summary, /the file "NOTES\.md" does not contain "0\.9", "0\.8"\./);
    assert.deepEqual([details.length, measured["failed"], measured["passed"]], [4, 3, 1]);
  });

  it("passes what is waived, by name, does not look at it, and always reports the reason", async () => {
    const { verdict, summary, details, measured } = await gate([{ ...LINT, command: "exit 1" }, SUPPORT], { waived: { lint: "the linter is broken", support: "nobody is there at night" } });
    assert.equal(verdict, "PASS");
    assert.match(summary, /2 are waived\. "lint" \(Lint is clean\) is waived: the linter is broken\. "support" \(Support knows\) is waived: nobody is there at night/);
    assert.deepEqual([details.length, measured["waived"], measured["passed"]], [2, 2, 0]);
  });

  it("fails unknown ids and duplicates as mistakes, before anything is run", async () => {
    const unknown = await gate([{ ...LINT, command: "touch ran" }], { confirmed: ["suport"] });
    assert.match(unknown.summary, /^The checklist has a mistake: "--confirm suport" names no item of the checklist; allowed is lint\./);
    const twice = await gate([LINT, LINT]);
    assert.match(twice.summary, /"checklist\.yaml:items\[1\]\.id" is "lint" once more/);
    assert.match((await gate(null, { confirmed: ["support"] })).summary, /there is no checklist\.yaml/);
  });

  it("fails a file that is not YAML or empty, with its line", async () => {
    assert.match((await gate("items: [")).summary, /"checklist\.yaml" is not valid YAML in line 1/);
    assert.match((await gate("")).summary, /"checklist\.yaml" is empty/);
  });

  it("looks at no file outside the codebase", async () => {
    assert.match((await gate([{ id: "out", title: "Out", file: "../../etc/hostname" }])).summary, /outside the codebase/);
  });

  it("ends a command that takes too long, and stops when it is interrupted", async () => {
    const { summary } = await gate([{ ...LINT, command: "sleep 30", timeout: "1s" }]);
    assert.match(summary, /its command failed with no end within 1s\. It wrote nothing\./);
    await assert.rejects(gate([{ ...LINT, command: "sleep 30" }], { signal: AbortSignal.timeout(200) }), { exitCode: 130 });
  });

  it("gives its commands no passphrase and no token of the runner", async () => {
    process.env["PULUMI_CONFIG_PASSPHRASE_FOR_TEST"] = "canary";
    try {
      assert.equal((await gate([{ ...LINT, command: '! env | grep "^PULUMI\\|canary"' }])).verdict, "PASS");
    } finally {
      delete process.env["PULUMI_CONFIG_PASSPHRASE_FOR_TEST"];
    }
  });

  it("passes the shop as it is, without a question", async () => {
    const { verdict, summary } = await checklistComplete({ codebase: await realpath(join(projectRoot(), "examples/shop")), confirmed: [], waived: {}, by: "ada@build-1", record: null });
    assert.deepEqual([verdict, summary], ["PASS", "2 of 2 items of the checklist are complete."]);
  });
});
