import assert from "node:assert/strict";
import { block, code, oneLine, table, text } from "../../../runner/report/markdown.js";
import { offset, span } from "../../../runner/report/words.js";

describe("Markdown of values", () => {
  it("gives no value a meaning", () => {
    assert.deepEqual(["a|b", "<b>&", "`x`", "[a](b)", "#1", "- a", "1. a", "---", "===", "12.4 %", "a\r\nb"].map(text), ["a\\|b", "\\<b\\>\\&", "\\`x\\`", "\\[a\\](b)", "\\#1", "\\- a", "1\\. a", "\\---", "\\===", "12.4 %", "a b"]);
    assert.equal(text("by @all, a@b"), "by @\u200ball, a@b");
    assert.equal(oneLine(" a\u0000\u202eb\u2028c "), "a b c");
  });

  it("puts code between more backticks than it has, and no pipe ends a cell", () => {
    assert.deepEqual(["x", "a`b", "``", ""].map(code), ["`x`", "``a`b``", "``` `` ```", ""]);
    assert.deepEqual(table(["a"], [[code("x|y")], [text("x|y")]]), ["| a |", "| --- |", "| `x\\|y` |", "| x\\|y |", ""]);
    assert.deepEqual(block(["a ``` b"]), ["````sh", "a ``` b", "````", ""]);
  });

  it("says lengths of time as people do", () => {
    assert.deepEqual([0, 850, 12_340, 65_000, 300_000, 7_380_000].map(span), ["0 ms", "850 ms", "12.3 s", "1 min 5 s", "5 min", "2 h 3 min"]);
    assert.deepEqual([0, 42_900, 3_787_000].map(offset), ["+0:00", "+0:42", "+1:03:07"]);
  });
});
