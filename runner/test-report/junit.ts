import { XMLParser, XMLValidator } from "fast-xml-parser";
import type { TestOutcome } from "./test-counts.js";

/** Tests in a report, or what is wrong with it, as the end of a sentence whose subject is the report. */
export type ReportReading = { readonly ok: true; readonly outcomes: readonly TestOutcome[] } | { readonly ok: false; readonly problem: string };

interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly Element[];
}

const parser = new XMLParser({ preserveOrder: true, ignoreAttributes: false, attributeNamePrefix: "", parseTagValue: false, parseAttributeValue: false, ignoreDeclaration: true, ignorePiTags: true });

const NOT_RUN = ["notrun", "disabled", "skipped", "suppressed"];

/**
 * Reads JUnit XML as its many writers write it: suites in suites, tests beside suites. The test cases count; the totals in attributes do not,
 * because writers disagree on what they mean. A failure or an error makes a test failed, also when it stands in the suite itself; `skipped` skipped. A
 * to-do of node's that fails is skipped, as node itself counts it.
 */
export function readJunit(text: string): ReportReading {
  const valid = XMLValidator.validate(text);
  if (valid !== true) return { ok: false, problem: `is no well-formed XML (line ${valid.err.line}: ${valid.err.msg.replace(/\.$/, "")}); the test run may have been cut off.` };
  let roots: Element[];
  try {
    roots = elementsOf(parser.parse(text));
  } catch (error) {
    return { ok: false, problem: `cannot be read as XML (${error instanceof Error ? error.message : String(error)}).` };
  }
  const suites = roots.filter(({ name }) => name === "testsuites" || name === "testsuite");
  if (suites.length === 0) return { ok: false, problem: `is XML with the root "${roots[0]?.name ?? ""}"; JUnit XML has "testsuites" or "testsuite".` };
  return { ok: true, outcomes: suites.flatMap((suite) => outcomesIn(suite, [])) };
}

function outcomesIn(suite: Element, path: readonly string[]): TestOutcome[] {
  const here = suite.name === "testsuite" && suite.attributes["name"] ? [...path, suite.attributes["name"]] : path;
  return suite.children.flatMap((child) => {
    if (child.name === "testsuite" || child.name === "testsuites") return outcomesIn(child, here);
    if (child.name === "testcase") return [outcomeOf(child, here)];
    return isFailure(child) ? [{ name: here.join(" > ") || "a suite", outcome: "failed" as const }] : [];
  });
}

function outcomeOf(test: Element, path: readonly string[]): TestOutcome {
  const { name = "a test without a name", classname, status, result } = test.attributes;
  // Some writers repeat the suite in the class, some name the kind of test there.
  const whole = [...(path.length > 0 ? path : classname ? [classname] : []), name].join(" > ");
  const skip = test.children.find((child) => child.name === "skipped");
  if (skip?.attributes["type"] === "todo") return { name: whole, outcome: "skipped" };
  if (test.children.some(isFailure) || status === "fail") return { name: whole, outcome: "failed" };
  if (skip !== undefined || NOT_RUN.includes(status ?? "") || NOT_RUN.includes(result ?? "")) return { name: whole, outcome: "skipped" };
  return { name: whole, outcome: "passed" };
}

function isFailure({ name }: Element): boolean {
  return name === "failure" || name === "error";
}

/** The parser's ordered form: a list of objects with the element's name as their key, and its attributes under ":@". */
function elementsOf(list: unknown): Element[] {
  if (!Array.isArray(list)) return [];
  return (list as readonly Readonly<Record<string, unknown>>[]).flatMap((node) => {
    const name = Object.keys(node).find((key) => key !== ":@" && key !== "#text");
    if (name === undefined) return [];
    return [{ name, attributes: (node[":@"] ?? {}) as Readonly<Record<string, string>>, children: elementsOf(node[name]) }];
  });
}
