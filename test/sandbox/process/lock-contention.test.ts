import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const MODULE = join(__dirname, "..", "..", "..", "sandbox", "process", "lock.js");

describe("A lock that many want", () => {
  let directory: string;
  beforeEach(() => (directory = mkdtempSync(join(tmpdir(), "mission-lock-"))));
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  const other = (script: string) => ["-e", `const { takeLock } = require(${JSON.stringify(MODULE)}); const directory = ${JSON.stringify(directory)}; ${script}`];

  it("is had by one at a time, also when owners die without letting go", async () => {
    // Each holds it for a moment and notes when; two that had it at once would overlap.
    const script = `
      const { appendFileSync } = require("node:fs");
      let turns = 0; const until = Date.now() + 1500;
      (async () => {
        while (Date.now() < until) {
          const lock = takeLock(directory);
          if (lock === undefined) { await new Promise((go) => setTimeout(go, 1)); continue; }
          appendFileSync(directory + "/journal", "in " + process.pid + "\\n");
          await new Promise((go) => setTimeout(go, 2));
          appendFileSync(directory + "/journal", "out " + process.pid + "\\n");
          if (turns++ === 40) process.exit(); // without letting go
          lock.release();
        }
      })();`;
    await Promise.all(Array.from({ length: 4 }, () => run(process.execPath, other(script))));
    const lines = readFileSync(join(directory, "journal"), "utf8").trim().split("\n");
    assert.ok(lines.length > 20);
    for (let index = 0; index < lines.length; index += 2) assert.equal(lines[index + 1], lines[index]?.replace("in", "out"), `line ${index + 1}`);
  });
});
