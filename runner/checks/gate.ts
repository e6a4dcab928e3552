import { worstVerdict, type GateResult } from "../../model/verdict.js";
import type { CheckResult } from "./check-result.js";

/** The gates that checks make. */
export type CheckGate = "smoke-tests" | "user-flows" | "integrations-reachable";

interface Words {
  readonly one: string;
  readonly many: string;
  readonly passed: string;
  readonly failed: string;
  readonly notMade: string;
  readonly mend: string;
}

const WORDS: Readonly<Record<CheckGate, Words>> = {
  "smoke-tests": { one: "smoke test", many: "smoke tests", passed: "passed", failed: "failed", notMade: "could not be run", mend: "Mend the service, or the test under checks.smoke if it asks for the wrong thing." },
  "user-flows": { one: "critical user flow", many: "critical user flows", passed: "passed", failed: "failed", notMade: "could not be run", mend: "Mend the service, or the flow under checks.flows if it asks for the wrong thing." },
  "integrations-reachable": { one: "integration", many: "integrations", passed: "answered", failed: "did not answer", notMade: "could not be asked", mend: "Bring it back, or correct its address under checks.integrations." },
};
const NAMES_SHOWN = 3;

/** The gate of some checks. Pure. Of no check at all nothing is known: INCONCLUSIVE. */
export function gateOf(gate: CheckGate, results: readonly CheckResult[], milliseconds: number): GateResult {
  const words = WORDS[gate];
  const count = (verdict: CheckResult["verdict"]) => results.filter((result) => result.verdict === verdict).length;
  const [failures, errors] = [count("FAIL"), count("ERROR")];
  return {
    gate,
    verdict: worstVerdict(results.map(({ verdict }) => verdict)),
    summary: summaryOf(results, words, milliseconds),
    details: results.flatMap(lines),
    measured: {
      checks: results.length,
      passed: count("PASS"),
      failed: failures,
      errors,
      milliseconds: Math.round(milliseconds),
      slowestMs: results.length === 0 ? null : Math.max(...results.map((result) => result.milliseconds)),
    },
  };
}

function summaryOf(results: readonly CheckResult[], { one, many, passed, failed, notMade, mend }: Words, milliseconds: number): string {
  if (results.length === 0) return `There was no ${one} to run; declare one.`;
  const of = results.length === 1 ? `The ${one}` : `of ${results.length} ${many}`;
  const share = (part: readonly CheckResult[], ending: string) => `${results.length === 1 ? of : `${part.length} ${of}`} ${ending}: ${names(part)}`;
  const failures = results.filter(({ verdict }) => verdict === "FAIL");
  const errors = results.filter(({ verdict }) => verdict === "ERROR");
  const sentences = [...(failures.length > 0 ? [`${share(failures, failed)}.`, mend] : []), ...(errors.length > 0 ? [`${share(errors, notMade)}.`, "Put right what the details say and try again."] : [])];
  if (sentences.length > 0) return sentences.join(" ");
  return `${results.length === 1 ? of : `All ${results.length} ${many}`} ${passed}, in ${Math.round(milliseconds)} ms.`;
}

function names(results: readonly CheckResult[]): string {
  const shown = results.slice(0, NAMES_SHOWN).map(({ name }) => `"${name}"`);
  const more = results.length - shown.length;
  return `${shown.join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}

/** A check as one line, and the lines that it printed. */
function lines({ name, verdict, milliseconds, said, output }: CheckResult): string[] {
  return [`"${name}": ${verdict}, ${milliseconds} ms${said === null ? "" : `; ${said}`}.`, ...output.map((line) => `"${name}" printed: ${line}`)];
}
