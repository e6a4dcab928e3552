import "../support/seed.js";
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { parse } from "yaml";
import { checklistMistakes, checklistSchema, type Checklist } from "../../model/checklist.js";
import { diagnose } from "../../model/diagnostic.js";
import { projectRoot } from "../../runner/engine/engine-environment.js";

const CHECKLIST: Checklist = checklistSchema.parse({
  items: [
    { id: "lint", title: "Lint", command: "true" },
    { id: "notes", title: "Notes", file: "NOTES.md", contains: "1.1" },
    { id: "support", title: "Support knows", manual: true },
  ],
});

describe("a checklist", () => {
  it("has automatic and manual items; a command has a time limit of its own", () => {
    assert.deepEqual(CHECKLIST.items[0], { id: "lint", title: "Lint", command: ["/bin/sh", "-c", "true"], timeout: "1m" });
  });

  it("refuses an id twice, items that are two things at once or none, and an empty list", () => {
    const mistakes = (value: unknown) => diagnose(checklistSchema.safeParse(value).error as never, value).map(({ path, message }) => `${path} ${message}`);
    assert.deepEqual(mistakes({ items: [{ id: "a", title: "A", manual: true }, { id: "a", title: "B", file: "b" }] }), ['items[1].id is "a" once more; give each item an id of its own.']);
    for (const item of [{ id: "a", title: "A" }, { id: "a", title: "A", command: "true", manual: true }]) {
      assert.match(mistakes({ items: [item] }).join(), /^items\[0\] .*allowed is \{id, title\} with one of command, file/);
    }
    assert.deepEqual(mistakes({ items: [{ id: "a", title: "A", manual: false }] }), ["items[0].manual is false; allowed is true."]);
    assert.notDeepEqual(mistakes({ items: [] }), []);
  });

  it("takes words about its own items only: a confirmation for a manual one, a reason for a waiver", () => {
    const mistakes = (confirmed: string[], waived: Record<string, string> = {}) => checklistMistakes(CHECKLIST, { confirmed, waived }).map(({ path, message }) => `${path} ${message}`);
    assert.deepEqual(mistakes(["support"], { lint: "no linter yet" }), []);
    assert.deepEqual(mistakes(["suport"], { nothing: "x" }), ["--confirm suport names no item of the checklist; allowed is lint or notes or support.", "--waive nothing names no item of the checklist; allowed is lint or notes or support."]);
    assert.match(mistakes(["lint"]).join(), /^--confirm lint confirms what is looked at by machine/);
    assert.match(mistakes(["support"], { support: "why not" }).join(), /give one of the two/);
    assert.deepEqual(mistakes([], { lint: "  " }), ["--waive lint has no reason; write --waive lint=<reason>."]);
    assert.match(checklistMistakes(null, { confirmed: ["support"], waived: {} })[0]?.message ?? "", /there is no checklist\.yaml/);
  });

  it("never takes a word about an unknown id, whatever it is called", () => {
    const ids = CHECKLIST.items.map(({ id }) => id);
    fc.assert(
      fc.property(fc.string({ minLength: 1 }).filter((id) => !ids.includes(id)), fc.boolean(), (id, confirm) => {
        const words = confirm ? { confirmed: [id], waived: {} } : { confirmed: [], waived: Object.fromEntries([[id, "reason"]]) };
        return checklistMistakes(CHECKLIST, words).length === 1;
      }),
    );
  });

  it("is right in the shop, and asks no person anything", () => {
    const { items } = checklistSchema.parse(parse(readFileSync(join(projectRoot(), "examples/shop/checklist.yaml"), "utf8")));
    assert.deepEqual(items.filter((item) => "manual" in item), []);
    assert.equal(items.length, 2);
  });
});
