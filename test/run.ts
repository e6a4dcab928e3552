import { fork } from "node:child_process";
import { globSync } from "node:fs";
import { availableParallelism, constants, setPriority } from "node:os";
import { join, relative } from "node:path";
import { createInterface } from "node:readline";
import Mocha from "mocha";
import { compileCache } from "../runner/engine/engine-environment.js";
import { skipped } from "./support/skip.js";

/*
 * Runs the tests, fast ones first, and ends with one plain line: N passed, N failed, N skipped.
 *   node dist/test/run.js [--grep TEXT] [--full] [PART OF A FILE NAME ...]
 *
 * The whole runs in three processes: one for tests that wait and measure, which has the processors when it wants them, and beside it two of
 * lower priority, for the other tests of the whole system and for those of its parts; their lines begin with a bar and two.
 */

/** Folders in the order they run; what stands in none of them runs before the last two. */
const FAST_FIRST = ["model", "artifacts", "evidence", "policies", "components", "runner", "launcher", "sandbox", "system"];
/** Tests in which response times decide, or whose time is mostly waiting. */
const MEASURING = /^(system\/(deploy-|mission-|watch|evidence)|sandbox\/alarms\/|runner\/(watch|prober)\/)/;
/** Tests of the whole system, but for some that run with those of the parts, so that all three processes end at about the same time. */
const SYSTEM = /^(system|examples|launcher)\/(?!(shop|kills|plan|any-command|policy-pack|preview|database-))/;
const LANES = {
  measuring: (file: string) => MEASURING.test(file),
  system: (file: string) => !MEASURING.test(file) && SYSTEM.test(file),
  parts: (file: string) => !MEASURING.test(file) && !SYSTEM.test(file),
} as const;
type Lane = keyof typeof LANES;
/** Tests that need an emulator of AWS, which is installed for them: `npm run test:aws` names them; the whole leaves them out. */
const EMULATED = /^(aws\/|runner\/platforms\/aws|components\/aws\/botocore)/;

/** What became of the tests of one process. */
interface Outcome {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly reasons: readonly string[];
  /** Whole names of the tests that failed, each with the first line of what it said. */
  readonly failures: readonly string[];
  /** Milliseconds that all of them took. */
  readonly took: number;
  /** Milliseconds of each file's tests and hooks, for whoever wants the whole faster. */
  readonly times: readonly (readonly [string, number])[];
}

const args = process.argv.slice(2);
const option = (name: string) => {
  const at = args.indexOf(name);
  return at < 0 ? undefined : args.splice(at, 2)[1];
};
const grep = option("--grep");
const lane = option("--lane") as Lane | undefined;
if (args.includes("--full")) process.env["MISSION_FULL"] = "1";
const wanted = args.filter((arg) => !arg.startsWith("--"));

const files = globSync("**/*.test.js", { cwd: __dirname })
  .filter((file) => (wanted.length === 0 ? !EMULATED.test(file) : wanted.some((part) => file.includes(part))))
  .filter((file) => lane === undefined || LANES[lane](file))
  .sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));

function rank(file: string): number {
  const index = FAST_FIRST.indexOf(file.split("/")[0] ?? "");
  return index < 0 ? FAST_FIRST.length - 2.5 : index;
}

// The engine that a test starts by itself loads as fast as the runner's.
process.env["NODE_COMPILE_CACHE"] ??= compileCache();

// What a test needs of the environment it sets itself; what the caller's shell has must not leak in.
for (const name of Object.keys(process.env)) if (/^(PULUMI_(OPTION|CONFIG|BACKEND|STACK)|MISSION_(HOME|TEST))/.test(name)) delete process.env[name];

if (lane !== undefined) {
  process.on("disconnect", () => process.exit(1));
  if (lane !== "measuring") setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
  void runHere().then((outcome) => process.send?.(outcome, () => process.exit(exitCode(outcome))));
} else {
  process.stdout.write(`${files.length} files of tests in ${relative(process.cwd(), __dirname) || "."}\n`);
  const whole = wanted.length === 0 && grep === undefined && availableParallelism() > 1;
  void (whole ? Promise.all([runApart("measuring", ""), runApart("system", "| "), runApart("parts", "|| ")]) : runHere().then((outcome) => [outcome])).then(conclude);
}

/** The tests of this process. */
function runHere(): Promise<Outcome> {
  const times = new Map<string, number>();
  const begun = performance.now();
  let since = begun;
  const mocha = new Mocha({ reporter: "spec", timeout: 60_000, slow: 5_000, color: process.stdout.isTTY === true, ...(grep === undefined ? {} : { grep }) });
  for (const file of files) mocha.addFile(join(__dirname, file));
  const counts = { passed: 0, failed: 0, skipped: 0 };
  const failures: string[] = [];
  return new Promise((resolve) => {
    mocha
      .run(() => resolve({ ...counts, reasons: skipped, failures, took: performance.now() - begun, times: [...times] }))
      .on("suite end", ({ file }: Mocha.Suite) => {
        const name = file === undefined ? "?" : relative(__dirname, file);
        times.set(name, (times.get(name) ?? 0) + performance.now() - since);
        since = performance.now();
      })
      .on("pass", () => (counts.passed += 1))
      .on("fail", (test: Mocha.Runnable, error: unknown) => {
        counts.failed += 1;
        failures.push(`${test.fullTitle()}: ${String(error).split("\n")[0]}`);
      })
      .on("pending", () => (counts.skipped += 1));
  });
}

/** A part of the tests in a process of its own. One that ends without saying how has failed. */
function runApart(name: Lane, prefix: string): Promise<Outcome> {
  const child = fork(__filename, ["--lane", name, ...args], { stdio: ["ignore", "pipe", "pipe", "ipc"] });
  for (const stream of [child.stdout, child.stderr]) if (stream !== null) createInterface({ input: stream }).on("line", (line) => process.stdout.write(`${prefix}${line}\n`));
  return new Promise((resolve) => {
    let outcome: Outcome | undefined;
    child.on("message", (message) => (outcome = message as Outcome));
    child.on("close", (code, signal) => {
      if (outcome === undefined) process.stdout.write(`The process of the ${name} tests ended with ${signal ?? code} before it said how they went.\n`);
      resolve(outcome ?? { passed: 0, failed: 1, skipped: 0, reasons: [], failures: [`the process of the ${name} tests`], took: 0, times: [] });
    });
  });
}

function conclude(outcomes: readonly Outcome[]): void {
  const sum = (of: (outcome: Outcome) => number) => outcomes.reduce((total, outcome) => total + of(outcome), 0);
  const slowest = outcomes.flatMap(({ times }) => times).sort(([, a], [, b]) => b - a).slice(0, 15);
  const total = { passed: sum(({ passed }) => passed), failed: sum(({ failed }) => failed), skipped: sum((each) => each.skipped) };
  process.stdout.write(`slowest files, in seconds: ${slowest.map(([name, milliseconds]) => `${name.replace(/\.test\.js$/, "")} ${(milliseconds / 1000).toFixed(0)}`).join(", ")}\n`);
  process.stdout.write(`${outcomes.length === 1 ? "they took" : "the processes took"} ${outcomes.map(({ took }) => `${(took / 1000).toFixed(0)} s`).join(", ")}\n`);
  for (const reason of outcomes.flatMap(({ reasons }) => reasons)) process.stdout.write(`skipped: ${reason}\n`);
  // Once more at the end, where who sees only the end of a log finds them.
  for (const failure of outcomes.flatMap(({ failures }) => failures)) process.stdout.write(`failed: ${failure}\n`);
  // The summary is written before exit, whatever a test left open.
  process.stdout.write(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped\n`, () => process.exit(exitCode(total)));
}

function exitCode({ passed, failed }: Pick<Outcome, "passed" | "failed">): number {
  return failed > 0 || passed === 0 ? 1 : 0;
}
