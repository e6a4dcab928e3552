import assert from "node:assert/strict";
import * as fc from "fast-check";
import { parse } from "yaml";
import { setConfigEntry } from "../../../runner/release/set-config-entry.js";
import "../../support/seed.js";

const KEY = "mission:release";
const value = { version: "2.0", none: null, list: ["a"] };
const entry = (indent: string) => [`${KEY}:`, '  version: "2.0"', "  none: null", "  list:", '    - "a"'].map((line) => indent + line).join("\n");

function set(text: string, wanted: object = value): string {
  const edited = setConfigEntry(text, "Pulumi.x.yaml", KEY, wanted);
  assert.deepEqual(edited.diagnostics, []);
  return edited.text ?? assert.fail("no text");
}

describe("setting a key in the text of a stack file", () => {
  it("keeps comments, order, quotes, spaces and line widths of everything else byte for byte", () => {
    const before = `# This file\n\nsecretsprovider:   passphrase # odd spaces\nencryptionsalt: 'v1:abc='\nconfig:\n    # about the region\n    aws:region: "eu-central-1"     # why\n\n`;
    const after = `\n    # before b\n    b: {x:   1, 'y': [ 2,3 ]}   # flow\n    long: ${"word ".repeat(60)}end\n    text: |\n      two\n      lines\n\n# the end\nbackend:\n  url: x`;
    assert.equal(set(before + after), `${before}${after.replace("\n\n# the end", `\n${entry("    ")}\n\n# the end`)}`);
    const old = `    ${KEY}:   # written by a release\n        version: "1"  # old\n        deep:\n          - {a: 1}\n`;
    assert.equal(set(before + old + after), `${before}    ${KEY}:   # written by a release\n${entry("    ").split("\n").slice(1).join("\n")}\n${after}`);
  });

  it("replaces an old value of any form", () => {
    for (const old of [" {version: '1'}", " 1", "", " ~", " text", " [1,\n    2]", ' "two\n    lines"']) assert.equal(set(`config:\n  a: 1\n  ${KEY}:${old} # note\n  b: 2\n`), `config:\n  a: 1\n${entry("  ")} # note\n  b: 2\n`);
    assert.equal(set(`config:\n  ${KEY}: |\n    text\n  b: 2\n`), `config:\n${entry("  ")}\n  b: 2\n`);
    assert.equal(set(`config:\n  ${KEY}:\n    x: |\n      text\n\n    # in\n  # before b\n  b: 2`), `config:\n${entry("  ")}\n\n    # in\n  # before b\n  b: 2`);
  });

  it("makes what is missing, in any empty file and below an empty config", () => {
    for (const text of ["", "# only a comment\n", "---\n"]) assert.equal(set(text), `${text}config:\n${entry("  ")}\n`);
    assert.equal(set("# a"), `# a\nconfig:\n${entry("  ")}\n`);
    for (const text of ["config:", "config: {}", "config:   ~", "config: {   }  "]) {
      assert.equal(set(`a: 1\n${text}\nb: 2\n`), `a: 1\nconfig:\n${entry("  ")}\nb: 2\n`);
      assert.equal(set(`a: 1\n${text}`), `a: 1\nconfig:\n${entry("  ")}`);
    }
    assert.equal(set("config: # all of it\n# more\nb: 2\n"), `config: # all of it\n${entry("  ")}\n# more\nb: 2\n`);
    assert.equal(set("a: 1 # one\n# end"), `a: 1 # one\nconfig:\n${entry("  ")}\n# end`);
  });

  it("keeps the line ends of Windows and a byte order mark", () => {
    assert.equal(set("\uFEFFconfig:\r\n  a: |\r\n    x\r\n\r\n  # end\r\n"), `\uFEFFconfig:\r\n  a: |\r\n    x\r\n${entry("  ").replaceAll("\n", "\r\n")}\r\n\r\n  # end\r\n`);
  });

  it("changes nothing when the key has that value already, however it is written", () => {
    const text = `config:\n  ${KEY}: { list: [a], none: , version: '2.0' }  # by hand\n`;
    assert.equal(set(text), text);
    assert.equal(set(set("")), set(""));
  });

  it("writes strings so that no reader of YAML takes them for something else", () => {
    const tricky = ["yes", "1.0", "0x1f", "1e3", "12:30:45", "null", "~", "2026-01-01", "a: b", "# x", "two\nlines", " spaces ", "a\u2028b", "\u0085", "\u007F\u009F", "\uFEFF", "=", "<<", "010", "é", "{", "", "-", "!x", "&a", "*a"];
    const text = set("", { tricky, map: Object.fromEntries(["y", "NO", "on", "NULL", "TRUE", "A_1"].map((key) => [key, "v"])) });
    for (const version of ["1.1", "1.2"] as const) assert.deepEqual((parse(text, { version }) as { config: Record<string, { tricky: unknown }> }).config[KEY]?.tricky, tricky);
    assert.doesNotMatch(text, /[\u007F-\u009F\u2028\u2029\uFEFF]/);
    assert.match(text, /^ {6}"y": "v"$/m);
    assert.match(text, /^ {6}"NO": "v"$/m);
    assert.match(text, /^ {6}A_1: "v"$/m);
  });

  it("keeps the rest of any file, and sets any value", () => {
    const comment = fc.constantFrom("", "# note", "  # note", "    ");
    const scalar = fc.constantFrom("1", "text", "'a b'", '"x"', "~", "[1, 2]", "{a: 1}", "|\n      text", ">-\n      folded\n      text", "\n      k: v # in", "\n      - 1\n      - 2", "\n    - 1");
    const line = fc.tuple(scalar, fc.constantFrom("", " # beside"), fc.array(comment, { maxLength: 2 })).map(([text, beside, after]) => ({ text: /[\n]/.test(text) ? text : text + beside, after }));
    const json = fc.dictionary(fc.stringMatching(/^[a-zA-Z_]\w{0,5}$/), fc.jsonValue({ maxDepth: 2 }), { minKeys: 1, maxKeys: 3 }).map((any) => JSON.parse(JSON.stringify(any)) as object);
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 5 }), fc.option(fc.nat(5)), fc.boolean(), json, json, (lines, at, windows, first, second) => {
        const rows = lines.map(({ text, after }, index) => [`    key${index}: ${text}`, ...after].join("\n"));
        if (at !== null) rows.splice(Math.min(at, rows.length), 0, `    ${KEY}:\n        old: 1`);
        const unix = `# top\nsalt: x\nconfig:\n${rows.join("\n")}\n# between\nlast: 1\n`;
        const text = windows ? unix.replaceAll("\n", "\r\n") : unix;
        const once = set(text, first);
        const twice = set(once, second);
        assert.deepEqual((parse(twice) as { config: Record<string, unknown> }).config[KEY], second);
        assert.equal(set(twice, first), once);
        // With the entry taken out again, and the old one put back, the text is what it was.
        const old = / {4}mission:release:\r?\n {8}old: 1/.exec(text)?.[0] ?? "";
        const start = once.indexOf(`    ${KEY}:`);
        assert.equal(once.slice(0, start) + old + once.slice(start + old.length + once.length - text.length), text);
      }),
      { numRuns: 100 },
    );
  });

  it("refuses what it cannot edit, and what is no YAML, with line and column", () => {
    const problem = (text: string) => {
      const edited = setConfigEntry(text, "Pulumi.x.yaml", KEY, value);
      assert.equal(edited.text, null);
      return edited.diagnostics.map(({ path, message }) => `"${path}" ${message}`).join("\n");
    };
    for (const text of ["config: {a: 1}", "{config: {}}", "- a", "config: text", "config: [1]"]) assert.match(problem(text), /^"Pulumi.x.yaml" is not in the usual form of a stack file; allowed is "config:"/);
    assert.match(problem(`config:\n  ${KEY}: &a {x: 1}\n  b: *a\n`), /^"Pulumi.x.yaml" cannot be edited without changing something else/);
    assert.match(problem("config:\n  a: 1\n  a: 2\n"), /^"Pulumi.x.yaml" is not valid YAML in line 3, column 3: /);
    assert.match(problem("config: *gone"), /Pulumi.x.yaml/);
  });
});
