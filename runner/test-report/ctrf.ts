import { z } from "zod";
import { diagnose } from "../../model/diagnostic.js";
import type { ReportReading } from "./junit.js";

const count = z.int().min(0);

/** What counts in CTRF: https://github.com/ctrf-io/ctrf/blob/main/schema/ctrf.schema.json. Early writers left out `reportFormat`. */
const ctrfSchema = z.object({
  reportFormat: z.literal("CTRF").optional(),
  results: z.object({
    tool: z.object({ name: z.string().min(1) }),
    summary: z.object({ tests: count, passed: count, failed: count }),
    tests: z.array(
      z.object({
        name: z.string().min(1),
        status: z.enum(["passed", "failed", "skipped", "pending", "other"]),
        suite: z.union([z.array(z.string()), z.string().transform((suite) => [suite])]).optional(),
      }),
    ),
  }),
});

/**
 * Reads CTRF JSON. The tests count, not the summary; a report whose summary tells of more failures than its tests is refused. `pending` is
 * skipped; `other` has neither passed nor been skipped, so it is failed.
 */
export function readCtrf(text: string): ReportReading {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { ok: false, problem: "is no complete JSON; the test run may have been cut off." };
  }
  const parsed = ctrfSchema.safeParse(value);
  if (!parsed.success) return { ok: false, problem: `is JSON and no CTRF: ${diagnose(parsed.error, value).slice(0, 5).map(({ path, message }) => `"${path}" ${message}`).join(" ")}` };
  const { tests, summary } = parsed.data.results;
  const outcomes = tests.map(({ name, status, suite = [] }) => ({ name: [...suite, name].join(" > "), outcome: outcomeOf(status) }));
  const failed = outcomes.filter(({ outcome }) => outcome === "failed").length;
  if (summary.failed > failed) return { ok: false, problem: `contradicts itself: its summary tells of ${summary.failed} failed tests, its list of ${failed}.` };
  return { ok: true, outcomes };
}

function outcomeOf(status: "passed" | "failed" | "skipped" | "pending" | "other"): "passed" | "failed" | "skipped" {
  switch (status) {
    case "passed":
      return "passed";
    case "skipped":
    case "pending":
      return "skipped";
    case "failed":
    case "other":
      return "failed";
    default:
      return status satisfies never;
  }
}
