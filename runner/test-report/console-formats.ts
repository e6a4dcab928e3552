/** What a test runner's summary says; `at` is where it begins in the text. */
export interface Summary {
  readonly at: number;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** How one test runner prints. */
export interface ConsoleFormat {
  readonly source: string;
  /** Every summary in what was printed (no colours, lines ended by line feeds), in order. */
  readonly summaries: (text: string) => readonly Summary[];
  /** Finds names of failed tests, in its first group. */
  readonly failures: RegExp | null;
}

/** Each summary that an expression finds, from its named groups. */
function found(text: string, expression: RegExp, read: (groups: Readonly<Record<string, string | undefined>>) => Omit<Summary, "at"> | null): Summary[] {
  return [...text.matchAll(expression)].flatMap((match) => {
    const counts = read(match.groups ?? {});
    return counts === null ? [] : [{ at: match.index, ...counts }];
  });
}

const number = (text: string | undefined) => Number(text ?? 0);

/** Sums what stands before some words in a list such as `1 failed, 2 passed`. */
function before(words: string, list: string): number {
  return [...list.matchAll(new RegExp(`(\\d+) (?:${words})\\b`, "g"))].reduce((sum, [, count]) => sum + number(count), 0);
}

/** The lines follow one another, so that a test that prints one of them is not taken for a summary. */
function nodeSummary(mark: string): (text: string) => Summary[] {
  const line = (name: string) => `${mark} ${name} (?<${name}>\\d+)\\n`;
  const expression = new RegExp(`^${line("tests")}(?:${mark} suites \\d+\\n)?${line("pass")}${line("fail")}${line("cancelled")}${line("skipped")}${line("todo")}`, "gm");
  return (text) =>
    found(text, expression, ({ tests, pass, fail, cancelled, skipped, todo }) => {
      const counts = { passed: number(pass), failed: number(fail) + number(cancelled), skipped: number(skipped) + number(todo) };
      return counts.passed + counts.failed + counts.skipped === number(tests) ? counts : null;
    });
}

/**
 * TAP of which every line is there: as many results at the margin as the plan says. A `not ok` that is a to-do is skipped; what was announced and
 * did not come makes the whole unreadable.
 */
function tapLines(text: string): Summary[] {
  const results = [...text.matchAll(/^(?<not>not )?ok\b(?: +\d+)?(?<rest>[^\n]*)$/gm)];
  const plans = [...text.matchAll(/^1\.\.(\d+)\b/gm)];
  const planned = plans.reduce((sum, [, count]) => sum + number(count), 0);
  if (plans.length === 0 || planned !== results.length || /^Bail out!/m.test(text)) return [];
  const directive = (rest: string | undefined) => /(?:^|[^\\])#\s*(?:skip|todo)/i.test(rest ?? "");
  const skipped = results.filter(({ groups }) => directive(groups?.["rest"])).length;
  const failed = results.filter(({ groups }) => groups?.["not"] !== undefined && !directive(groups["rest"])).length;
  return [{ at: Math.max(...plans.map(({ index }) => index), ...results.map(({ index }) => index)), passed: results.length - skipped - failed, failed, skipped }];
}

/** Jest and vitest: a suite that could not even be loaded has no tests to fail, and is counted as one that has. */
function withSuites(list: string, suites: string | undefined): Omit<Summary, "at"> {
  const failed = before("failed", list);
  return { passed: before("passed", list), failed: failed > 0 ? failed : before("failed", suites ?? ""), skipped: before("skipped|todo|pending", list) };
}

/** With -v every test; without, go only tells of packages. Subtests belong to their test. */
function goTests(text: string): Summary[] {
  const lines = [...text.matchAll(/^--- (PASS|FAIL|SKIP): /gm)];
  const packages = [...text.matchAll(/^(ok|FAIL) {0,2}\t\S+(?:[ \t](?<rest>[^\n]*))?$/gm)];
  if (packages.length === 0) return [];
  const count = (word: string) => lines.filter(([, each]) => each === word).length;
  const good = packages.filter(([, word, rest]) => word === "ok" && !/\[no tests to run\]/.test(rest ?? "")).length;
  const bad = packages.filter(([, word]) => word === "FAIL").length;
  const at = Math.max(...packages.map(({ index }) => index));
  const verbose = count("PASS") + count("SKIP") > 0;
  return [{ at, passed: verbose ? count("PASS") : good, failed: Math.max(count("FAIL"), bad), skipped: count("SKIP") }];
}

/** The test runners whose output is understood. */
export const CONSOLE_FORMATS: readonly ConsoleFormat[] = [
  { source: "node --test", summaries: nodeSummary("ℹ"), failures: /^ *✖ (.+?) \(\d[\d.]*ms\)$/gm },
  {
    source: "TAP",
    summaries: (text) => {
      const totals = nodeSummary("#")(text);
      return totals.length > 0 ? totals : tapLines(text);
    },
    failures: /^ *not ok\b(?: \d+)?(?: -)? +((?:(?! # (?:SKIP|TODO)).)+)$/gm,
  },
  {
    source: "mocha",
    summaries: (text) =>
      found(text, /^ *(?<passing>\d+) passing \([^)\n]*\)\n(?: *(?<pending>\d+) pending\n)?(?: *(?<failing>\d+) failing\n)?/gm, ({ passing, pending, failing }) => ({ passed: number(passing), failed: number(failing), skipped: number(pending) })),
    // In the listing; the details below have the suites' names one below the other.
    failures: /^ +\d+\) (.*[^:\n])$(?!\n {7})/gm,
  },
  {
    source: "jest",
    summaries: (text) => found(text, /^(?:Test Suites: +(?<suites>[^\n]*)\n)?Tests: +(?<list>[^\n]*\b\d+ total)/gm, ({ list = "", suites }) => withSuites(list, suites)),
    failures: /^ *● (.+ › .+)$/gm,
  },
  {
    source: "vitest",
    summaries: (text) => found(text, /^ *Test Files +(?<suites>[^\n]*)\n *Tests +(?<list>[^\n]*)$/gm, ({ list = "", suites }) => withSuites(list, suites)),
    failures: /^ *FAIL +(.+ > .+)$/gm,
  },
  {
    source: "pytest",
    summaries: (text) =>
      found(text, /^(?:=+ )?(?<list>(?:\d+ [a-z]+(?:, )?)+|no tests ran) in \d[\d.]*s\b[^\n]*$/gm, ({ list = "" }) => ({
        passed: before("passed|xpassed", list),
        failed: before("failed|errors?", list),
        skipped: before("skipped|xfailed", list),
      })),
    failures: /^(?:FAILED|ERROR) (\S+)/gm,
  },
  { source: "go test", summaries: goTests, failures: /^ *--- FAIL: (\S+)/gm },
  {
    source: "plain",
    summaries: (text) => found(text, /^(?<passed>\d+) passed, (?<failed>\d+) failed, (?<skipped>\d+) skipped$/gm, ({ passed, failed, skipped }) => ({ passed: number(passed), failed: number(failed), skipped: number(skipped) })),
    failures: null,
  },
];
