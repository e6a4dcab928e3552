import { basename } from "node:path";
import type { TestResult } from "../../evidence/predicates.js";
import { digestOfValue } from "../../model/digest.js";
import { contentOf, countsInReport } from "../test-report/read-report.js";
import { sumOf, type TestCounts } from "../test-report/test-counts.js";

/** What a report is to be. */
export type ReportFormat = "JUnit XML" | "CTRF JSON";

/** What was read for evidence, or every reason why there is none, a sentence each. */
export type Imported<T> = { readonly ok: true; readonly predicate: T } | { readonly ok: false; readonly problems: readonly string[] };

const OPTION: Readonly<Record<ReportFormat, string>> = { "JUnit XML": "--junit", "CTRF JSON": "--ctrf" };

/**
 * The result of tests that another program has run, by the reports that it has left; several are added up. A result with a failed test, or with none that was
 * executed, is no evidence: it could only be referred to by mistake.
 */
export async function importTests(files: readonly string[], format: ReportFormat): Promise<Imported<TestResult>> {
  const read = await Promise.all(files.map((file) => readOne(file, format)));
  const problems = read.flatMap((each) => (typeof each === "string" ? [each] : []));
  if (problems.length > 0) return { ok: false, problems };
  const all = read.filter((each): each is TestCounts => typeof each !== "string");
  const digest = (all.length === 1 ? all[0]?.digest : null) ?? digestOfValue(all.map((each, index) => ({ path: basename(files[index] ?? ""), digest: each.digest })));
  return resultOf(sumOf(all, digest), digest);
}

async function readOne(file: string, format: ReportFormat): Promise<TestCounts | string> {
  const name = `The test report "${file}"`;
  const found = await contentOf(file);
  if (typeof found === "string") return found === "ENOENT" ? `${name} is not there; correct the path.` : `${name} ${found}`;
  const counts = countsInReport(name, found.bytes);
  if (typeof counts !== "string" && counts.source !== format) return `${name} is ${counts.source}; give it by ${OPTION[counts.source as ReportFormat]}.`;
  return counts;
}

function resultOf({ executed, passed, failed, skipped, source, failedNames }: TestCounts, digest: string): Imported<TestResult> {
  const seen = `${executed} executed, ${passed} passed, ${failed} failed, ${skipped} skipped`;
  if (failed > 0) return { ok: false, problems: [`The tests failed (${seen}): ${failedNames.map((name) => `"${name}"`).join(", ")}. A failed result is no evidence; repair them and run them again.`] };
  if (executed === 0) return { ok: false, problems: [`No test was executed (${seen}), which is no evidence; at least one must be. Correct the command that runs them.`] };
  return {
    ok: true,
    predicate: {
      result: "PASSED",
      configuration: [{ name: "test-report", digest: { sha256: digest.slice("sha256:".length) }, annotations: { report: source } }],
      failedTests: [],
      missionDeploy_counts: { executed, passed, failed, skipped },
      missionDeploy_report: { source, digest },
    },
  };
}
