import { execFile } from "node:child_process";
import { join } from "node:path";
import { codebase, projectRoot } from "../../support/codebases.js";

/** One test each that passes, fails, is skipped and is still to be written, in nested suites. */
const BODY = 'describe("outer", () => { describe("inner", () => { it("passes", () => {}); it("fails & <breaks>", () => { throw new Error("no"); }); it.skip("is skipped", () => {}); LATER }); });';
const NODE = `const { describe, it } = require("node:test"); ${BODY.replace("LATER", 'it.todo("later"); it("fails, to do", { todo: true }, () => { throw new Error("not yet"); });')}`;
const MOCHA = BODY.replace("LATER", 'it("later");');
export const GREEN = 'const { it } = require("node:test"); it("passes", () => {}); it("passes too", () => {});';

/** Runs the real test runner on those; both outputs together. */
export async function nodeTests(reporter: string, content = NODE): Promise<string> {
  return run(["--test", `--test-reporter=${reporter}`, "a.test.cjs"], await codebase({ "a.test.cjs": content }));
}

export async function mochaTests(reporter: string): Promise<string> {
  return run([join(projectRoot(), "node_modules/mocha/bin/mocha.js"), "--reporter", reporter, "a.test.cjs"], await codebase({ "a.test.cjs": MOCHA }));
}

function run(args: readonly string[], cwd: string): Promise<string> {
  // Node's own runner tells its children by a variable that they are such.
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  return new Promise((resolve) => execFile(process.execPath, [...args], { cwd, env }, (_error, output, errors) => resolve(output + errors)));
}
