import { globSync } from "node:fs";
import { join, relative } from "node:path";
import Mocha from "mocha";
import { skipped } from "./support/skip.js";

/*
 * Runs the tests, fast ones first, and ends with one plain line: N passed, N failed, N skipped.
 *   node dist/test/run.js [--grep TEXT] [--full] [PART OF A FILE NAME ...]
 */

/** Folders in the order they run; what stands in none of them runs before the last two. */
const FAST_FIRST = ["model", "artifacts", "evidence", "policies", "components", "runner", "launcher", "sandbox", "system"];

const args = process.argv.slice(2);
const grepAt = args.indexOf("--grep");
const grep = grepAt >= 0 ? args.splice(grepAt, 2)[1] : undefined;
if (args.includes("--full")) process.env["MISSION_FULL"] = "1";
const wanted = args.filter((arg) => !arg.startsWith("--"));

const files = globSync("**/*.test.js", { cwd: __dirname })
  .filter((file) => wanted.length === 0 || wanted.some((part) => file.includes(part)))
  .sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));

function rank(file: string): number {
  const index = FAST_FIRST.indexOf(file.split("/")[0] ?? "");
  return index < 0 ? FAST_FIRST.length - 2.5 : index;
}

// What a test needs of the environment it sets itself; what the caller's shell has must not leak in.
for (const name of Object.keys(process.env)) if (/^(PULUMI_(OPTION|CONFIG|BACKEND|STACK)|MISSION_(HOME|TEST))/.test(name)) delete process.env[name];

const mocha = new Mocha({ reporter: "spec", timeout: 60_000, slow: 5_000, color: process.stdout.isTTY === true, ...(grep === undefined ? {} : { grep }) });
for (const file of files) mocha.addFile(join(__dirname, file));

/** Milliseconds of each file's tests and hooks, for whoever wants the whole faster. */
const times = new Map<string, number>();
let since = performance.now();
const spent = (file: string | undefined): void => {
  const name = file === undefined ? "?" : relative(__dirname, file);
  times.set(name, (times.get(name) ?? 0) + performance.now() - since);
  since = performance.now();
};

const counts = { passed: 0, failed: 0, skipped: 0 };
process.stdout.write(`${files.length} files of tests in ${relative(process.cwd(), __dirname) || "."}\n`);
mocha
  .run((failures) => {
    for (const reason of skipped) process.stdout.write(`skipped: ${reason}\n`);
    const slowest = [...times].sort(([, a], [, b]) => b - a).slice(0, 15);
    process.stdout.write(`slowest files, in seconds: ${slowest.map(([name, milliseconds]) => `${name.replace(/\.test\.js$/, "")} ${(milliseconds / 1000).toFixed(0)}`).join(", ")}\n`);
    // The summary is written before exit, whatever a test left open.
    process.stdout.write(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`, () => process.exit(failures > 0 || counts.passed === 0 ? 1 : 0));
  })
  .on("suite end", (suite: Mocha.Suite) => spent(suite.file))
  .on("pass", () => (counts.passed += 1))
  .on("fail", () => (counts.failed += 1))
  .on("pending", () => (counts.skipped += 1));
