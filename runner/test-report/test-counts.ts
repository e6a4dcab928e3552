/** How many tests ran and how they went. */
export interface TestCounts {
  /** Passed and failed; skipped tests were not executed. */
  readonly executed: number;
  readonly passed: number;
  /** Failures, errors and cancelled tests. */
  readonly failed: number;
  readonly skipped: number;
  /** Where the counts are from, such as `JUnit XML` or `mocha output`. */
  readonly source: string;
  /** `sha256:` and 64 digits of the report; null where there is only output. */
  readonly digest: string | null;
  /** The first 10 at most. */
  readonly failedNames: readonly string[];
}

/** The counts, or why there are none: one sentence each. */
export type Counted = { readonly ok: true; readonly counts: TestCounts } | { readonly ok: false; readonly problems: readonly string[] };

/** How one test ended. */
export interface TestOutcome {
  readonly name: string;
  readonly outcome: "passed" | "failed" | "skipped";
}

export const SHOWN_NAMES = 10;
const NAME_LENGTH = 200;

/** Names as they are shown: each once, no longer than 200 characters, the first 10. */
export function shownNames(names: readonly string[]): string[] {
  const short = names.map((name) => (name.length > NAME_LENGTH ? `${name.slice(0, NAME_LENGTH - 3)}...` : name));
  return [...new Set(short)].slice(0, SHOWN_NAMES);
}

/** Counts of single tests. */
export function countOf(outcomes: readonly TestOutcome[], source: string, digest: string | null): TestCounts {
  const having = (wanted: TestOutcome["outcome"]) => outcomes.filter(({ outcome }) => outcome === wanted);
  const [passed, failed, skipped] = [having("passed").length, having("failed"), having("skipped").length];
  return { executed: passed + failed.length, passed, failed: failed.length, skipped, source, digest, failedNames: shownNames(failed.map(({ name }) => name)) };
}

/** Counts of several reports together; the digest is given by the caller. */
export function sumOf(all: readonly TestCounts[], digest: string | null): TestCounts {
  const sum = (field: "executed" | "passed" | "failed" | "skipped") => all.reduce((whole, each) => whole + each[field], 0);
  const source = [...new Set(all.map((each) => each.source))].join(" and ");
  const failedNames = shownNames(all.flatMap((each) => each.failedNames));
  return { executed: sum("executed"), passed: sum("passed"), failed: sum("failed"), skipped: sum("skipped"), source, digest, failedNames };
}
