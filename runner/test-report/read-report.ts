import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { errorCode } from "../../artifacts/artifact-error.js";
import { digestOf, digestOfValue } from "../../model/digest.js";
import { isInside } from "../release/inside.js";
import { readCtrf } from "./ctrf.js";
import { readJunit } from "./junit.js";
import { filesMatching } from "./report-files.js";
import { countOf, sumOf, type Counted, type TestCounts } from "./test-counts.js";

/** Bytes of one report. */
const REPORT_LIMIT = 64 * 1024 * 1024;

/** File systems note times more coarsely than the clock tells them: a kernel's tick, or (where a time has no fraction) a whole second. */
const TICK_MS = 20;

/**
 * Reads the reports that a test run has left: JUnit XML or CTRF JSON, told apart by their contents. Several are added up; their digest is then that
 * of the list of their paths and digests.
 * @param root the codebase, as `realpath` gives it
 * @param pattern path below the codebase, `*` for any name
 * @param startedAt when the test run began; an older file is left over from another run, so the reports together say nothing of this one
 */
export async function readTestReport(root: string, pattern: string, startedAt: Date): Promise<Counted> {
  if (!(await isInside(root, pattern))) return { ok: false, problems: [`The test report ${JSON.stringify(pattern)} leads outside the codebase; correct "report" in mission.yaml.`] };
  const files = await filesMatching(root, pattern);
  if (files.length === 0) return { ok: false, problems: [missing(pattern)] };
  const read = await Promise.all(files.map((file) => readOne(root, file, startedAt)));
  const problems = read.flatMap((each) => (typeof each === "string" ? [each] : []));
  if (problems.length > 0) return { ok: false, problems };
  const all = read.filter((each): each is TestCounts => typeof each !== "string");
  const digest = all.length === 1 ? (all[0]?.digest ?? null) : digestOfValue(all.map((each, index) => ({ path: files[index], digest: each.digest })));
  return { ok: true, counts: sumOf(all, digest) };
}

/** Counts, or a sentence. */
async function readOne(root: string, path: string, startedAt: Date): Promise<TestCounts | string> {
  const name = `The test report "${path}"`;
  if (!(await isInside(root, path))) return `${name} leads outside the codebase; the tests must leave a file below it.`;
  const found = await contentOf(join(root, path));
  if (typeof found === "string") return found === "ENOENT" ? missing(path) : `${name} ${found}`;
  if (isStale(found.mtimeMs, startedAt.getTime())) {
    return `${name} is from ${new Date(found.mtimeMs).toISOString()}, before the test run began at ${startedAt.toISOString()}; it is left over from another run. Remove it, and make the test command write it.`;
  }
  return countsInReport(name, found.bytes);
}

/**
 * Counts in the bytes of a report, or what is wrong with it, as a sentence.
 * @param name its subject, such as `The test report "junit.xml"`
 */
export function countsInReport(name: string, bytes: Buffer): TestCounts | string {
  const text = bytes.toString("utf8").replace(/^\ufeff/, "");
  const kind = /^\s*</.test(text) ? "JUnit XML" : /^\s*\{/.test(text) ? "CTRF JSON" : null;
  if (kind === null) return `${name} is ${bytes.length === 0 ? "empty" : "neither XML nor JSON"}; allowed are JUnit XML and CTRF JSON.`;
  const reading = kind === "JUnit XML" ? readJunit(text) : readCtrf(text);
  return reading.ok ? countOf(reading.outcomes, kind, digestOf(bytes)) : `${name} ${reading.problem}`;
}

/** Time and bytes of the same open file; or a system's code or the end of a sentence. */
export async function contentOf(path: string): Promise<{ readonly mtimeMs: number; readonly bytes: Buffer } | string> {
  try {
    // A pipe would have this wait for a writer.
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const status = await file.stat();
      const { mtimeMs, size } = status;
      if (!status.isFile()) return "is no file; name one.";
      if (size > REPORT_LIMIT) return `has ${size.toLocaleString("en")} bytes; the largest allowed is ${REPORT_LIMIT.toLocaleString("en")}.`;
      return { mtimeMs, bytes: await file.readFile() };
    } finally {
      await file.close();
    }
  } catch (error) {
    const code = errorCode(error);
    if (code === "ENOENT") return code;
    return `cannot be read (${code ?? String(error)}).`;
  }
}

function isStale(modified: number, started: number): boolean {
  const grain = Number.isInteger(modified / 1_000) ? 1_000 : TICK_MS;
  return modified + grain <= started;
}

function missing(pattern: string): string {
  return `The test report "${pattern}" was not there after the tests; make the test command write it, or correct "report" in mission.yaml.`;
}
