import { formatDuration } from "../../model/duration.js";
import { shortDigest } from "../../model/digest.js";
import type { EvidenceReference } from "../../model/evidence.js";
import type { GateResult, Verdict } from "../../model/verdict.js";
import { PREDICATE } from "../../evidence/predicate-types.js";
import { testConfiguration, type TestResult } from "../../evidence/predicates.js";
import { recordEvidence, type EvidenceDesk } from "../evidence/record-evidence.js";
import { EXIT, UserError } from "../errors.js";
import type { ReleasedSubject } from "../mission/subject.js";
import { codebaseEnvironment } from "../release/build-environment.js";
import { commitOf } from "../release/commit.js";
import { runInCodebase, type CommandEnd } from "../release/run-in-codebase.js";
import { countsInOutput, KeptOutput } from "../test-report/console-output.js";
import { readTestReport } from "../test-report/read-report.js";
import type { Counted, TestCounts } from "../test-report/test-counts.js";
import { releaseClaim } from "./release-claim.js";

const GATE = "tests-passed";

export interface TestsPassedOptions {
  readonly evidence: EvidenceDesk;
  /** Milliseconds that the tests may take; more is a FAIL. */
  readonly timeLimitMs: number;
  /** Gets what the tests print, as it comes. */
  readonly onOutput: (text: string) => void;
  /** Interrupts the tests. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds between asking tests that take too long to end and ending them. Default 5000. */
  readonly graceMs?: number;
}

/**
 * Runs the codebase's own tests and counts them; for a hotfix those of the critical path, where the application names them. A run counts only
 * when it ended well, at least one test was executed, none failed, and the codebase stood at the release's commit all the while.
 * @throws UserError (interrupted) when the signal was given
 */
export async function testsPassed(subject: ReleasedSubject, options: TestsPassedOptions): Promise<GateResult> {
  const { application, codebase, hotfix, release } = subject;
  const { test } = application;
  if (test === null) {
    return gate("FAIL", `Application "${application.name}" names no tests, and no release goes to users untested; name the command that runs them as "test" in mission.yaml.`);
  }
  const command = (hotfix === null ? null : test.critical) ?? test.command;
  try {
    const moved = await movedFrom(codebase, release.commit);
    if (moved !== null) return gate("FAIL", moved);
    const run = await runTests(subject, command, options);
    if (run.end === "too late") {
      return gate("FAIL", `The tests "${command}" took longer than ${formatDuration(options.timeLimitMs)}, the time allowed, and were ended; make them faster, or find what they wait for.`);
    }
    const movedMeanwhile = await movedFrom(codebase, release.commit);
    if (movedMeanwhile !== null) return gate("FAIL", movedMeanwhile);
    const counted = test.report === null ? countsInOutput(run.output) : await readTestReport(codebase, test.report, run.startedAt);
    return await judged(subject, command, run.end, counted, options.evidence);
  } catch (error) {
    if (error instanceof UserError && error.exitCode === EXIT.interrupted) throw error;
    return gate("ERROR", `The tests "${command}" could not be run and recorded: ${error instanceof Error ? error.message : String(error)} Put that right and run the mission again.`);
  }
}

interface TestRun {
  readonly startedAt: Date;
  readonly end: CommandEnd | "too late";
  readonly output: string;
}

async function runTests({ codebase, version, release }: ReleasedSubject, command: string, { timeLimitMs, onOutput, signal, graceMs }: TestsPassedOptions): Promise<TestRun> {
  const kept = new KeptOutput();
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), timeLimitMs);
  const startedAt = new Date();
  try {
    const end = await runInCodebase({
      command,
      directory: codebase,
      environment: codebaseEnvironment(process.env, { MISSION_VERSION: version, MISSION_COMMIT: release.commit ?? "" }),
      onOutput: (text) => {
        kept.add(text);
        onOutput(text);
      },
      signal: signal === undefined ? limit.signal : AbortSignal.any([signal, limit.signal]),
      ...(graceMs === undefined ? {} : { graceMs }),
    });
    return { startedAt, end, output: kept.text() };
  } catch (error) {
    const late = limit.signal.aborted && signal?.aborted !== true && error instanceof UserError && error.exitCode === EXIT.interrupted;
    if (!late) throw error;
    return { startedAt, end: "too late", output: kept.text() };
  } finally {
    clearTimeout(timer);
  }
}

/** A build may leave files that git does not know, so only the commit itself is compared. */
async function movedFrom(codebase: string, commit: string | null): Promise<string | null> {
  const bare = (text: string | null) => text?.replace(/-dirty$/, "") ?? null;
  const now = bare(await commitOf(codebase));
  if (now === bare(commit)) return null;
  const name = (text: string | null) => (text === null ? "no commit" : `commit ${shortDigest(text)}`);
  return `The codebase is at ${name(now)}, and the release was built from ${name(bare(commit))}: its tests would say nothing of the release. Run the mission again, and leave the codebase alone meanwhile.`;
}

async function judged(subject: ReleasedSubject, command: string, { failure, lastLines }: CommandEnd, counted: Counted, desk: EvidenceDesk): Promise<GateResult> {
  const output = failure === null || lastLines === "" ? [] : [`Its last lines:\n${lastLines}`];
  if (!counted.ok) {
    if (failure !== null) return gate("FAIL", `The tests "${command}" ended with ${failure}; repair what fails and run the mission again.`, [...counted.problems, ...output]);
    return gate("INCONCLUSIVE", `The tests "${command}" ended well, and how many ran cannot be determined. ${counted.problems.join(" ")}`);
  }
  const counts = counted.counts;
  const { verdict, summary } = judgedCounts(command, failure, counts);
  const details = [...counts.failedNames.map((name) => `Test "${name}" failed.`), ...output];
  const evidence = await record(subject, command, verdict, counts, desk);
  return { ...gate(verdict, summary, details), measured: { executed: counts.executed, passed: counts.passed, failed: counts.failed, skipped: counts.skipped, source: counts.source, report: counts.digest }, evidence: [evidence] };
}

function judgedCounts(command: string, failure: string | null, { executed, passed, failed, skipped, source }: TestCounts): { readonly verdict: Verdict; readonly summary: string } {
  const seen = `${passed} passed, ${failed} failed, ${skipped} skipped (${source})`;
  if (failure !== null) return { verdict: "FAIL", summary: `The tests "${command}" ended with ${failure}: ${seen}; allowed is that they end well. Repair what fails and run the mission again.` };
  if (failed > 0) return { verdict: "FAIL", summary: `The tests "${command}" ended well although ${seen}; allowed is none that fails. Repair them, and make the command end with an error when a test fails.` };
  if (executed === 0) return { verdict: "FAIL", summary: `The tests "${command}" ended well without executing one: ${seen}; at least one must be executed. Correct the command, or write tests.` };
  return { verdict: "PASS", summary: `The tests "${command}" ended well: ${seen}.` };
}

/** What failed is recorded too: evidence says what was seen, not what somebody hoped for. */
async function record(subject: ReleasedSubject, command: string, verdict: Verdict, counts: TestCounts, desk: EvidenceDesk): Promise<EvidenceReference> {
  const { executed, passed, failed, skipped, source, digest, failedNames } = counts;
  const predicate: TestResult = {
    result: verdict === "PASS" ? "PASSED" : "FAILED",
    configuration: testConfiguration(command),
    // Some runners name a file that fails by its whole path.
    failedTests: failedNames.map((name) => name.replaceAll(`${subject.codebase}/`, "")),
    missionDeploy_counts: { executed, passed, failed, skipped },
    missionDeploy_report: { source, digest },
  };
  return recordEvidence(desk, releaseClaim(subject, PREDICATE.testResult, predicate));
}

function gate(verdict: Verdict, summary: string, details: readonly string[] = []): GateResult {
  return { gate: GATE, verdict, summary, details, measured: { executed: null, passed: null, failed: null, skipped: null } };
}
