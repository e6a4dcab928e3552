import { z } from "zod";
import { commandLineSchema } from "./command.js";

/** How a codebase is tested. */
const suiteSchema = z.strictObject({
  command: commandLineSchema.describe("Command that runs the tests, in the codebase."),
  report: z.string().min(1).nullable().default(null).describe("JUnit XML or CTRF JSON that the command leaves, a path below the codebase; * stands for any name. Default: the counts are read from what the command prints (TAP, mocha, jest, vitest, node --test, pytest, go test)."),
  critical: commandLineSchema.nullable().default(null).describe("Command that runs only the tests of the critical path, for a hotfix. Default: all tests."),
});
export type TestSuite = z.output<typeof suiteSchema>;

/** `npm test`, or the longer form with a report. */
export const testSuiteSchema = z.union([commandLineSchema.transform((command): TestSuite => ({ command, report: null, critical: null })), suiteSchema], {
  error: "allowed is a command line, or {command, report, critical}",
});
