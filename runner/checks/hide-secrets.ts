import type { GateResult } from "../../model/verdict.js";
import { formsOf, SHORTEST_SEARCHED } from "../engine/search-state.js";
import { UserError } from "../errors.js";

/**
 * Takes the values of secrets out of what checks say: a sentence on a check that did not pass quotes what the application answered, and an application
 * with a mistake may answer with a secret of its own.
 * @param secrets reads the values; asked only when something did not pass. Where it throws a UserError, the verdicts stay, and what was seen is not told.
 */
export async function hideSecrets(results: readonly GateResult[], secrets: () => Promise<ReadonlyMap<string, string>>): Promise<readonly GateResult[]> {
  if (results.every(({ verdict }) => verdict === "PASS")) return results;
  let forms: readonly string[];
  try {
    // What a command prints is quoted line by line.
    const values = [...(await secrets()).values()].flatMap((value) => [value, ...value.split(/\r?\n/).map((line) => line.trim())]);
    forms = [...new Set(values.filter((value) => value.length >= SHORTEST_SEARCHED).flatMap(formsOf))].sort((a, b) => b.length - a.length);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return results.map((result) => (result.verdict === "PASS" ? result : { ...result, summary: `It is ${result.verdict}; what was seen is not told. ${error.message}`, details: [] }));
  }
  const hide = (text: string) => forms.reduce(hideForm, text);
  return results.map((result) => ({ ...result, summary: hide(result.summary), details: result.details.map(hide) }));
}

/** Where a value is too long to be quoted, its beginning stands before three dots. */
function hideForm(text: string, form: string): string {
  let shown = text.replaceAll(form, "[secret]");
  for (let length = Math.min(form.length - 1, shown.length); length >= SHORTEST_SEARCHED; length--) shown = shown.replaceAll(`${form.slice(0, length)}...`, "[secret]...");
  return shown;
}
