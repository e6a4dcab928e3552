import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { errorCode } from "../../artifacts/artifact-error.js";
import { checklistSchema, type Checklist } from "../../model/checklist.js";
import { diagnose, type Diagnostic } from "../../model/diagnostic.js";
import { parseYaml } from "../../model/parse-yaml.js";

/** The file that lists what must be so before a release, beside the code. */
export const CHECKLIST_YAML = "checklist.yaml";

/** A checklist, null where a codebase has none, or everything that is wrong with it. */
export type ChecklistResult = { readonly checklist: Checklist | null; readonly diagnostics: readonly [] } | { readonly checklist: null; readonly diagnostics: readonly Diagnostic[] };

/** Reads the checklist of a codebase; runs nothing. */
export async function readChecklist(codebase: string): Promise<ChecklistResult> {
  const read = await readFile(join(codebase, CHECKLIST_YAML), "utf8").catch((error: unknown) => ({ code: errorCode(error) ?? String(error) }));
  if (typeof read !== "string") {
    if (read.code === "ENOENT") return { checklist: null, diagnostics: [] };
    return { checklist: null, diagnostics: [{ path: CHECKLIST_YAML, message: `cannot be read (${read.code}); make it a readable file.` }] };
  }
  const { value, diagnostics } = parseYaml(read, CHECKLIST_YAML);
  if (diagnostics.length > 0) return { checklist: null, diagnostics };
  if (value === null) return { checklist: null, diagnostics: [{ path: CHECKLIST_YAML, message: "is empty; list items in it, or remove it." }] };
  const parsed = checklistSchema.safeParse(value);
  return parsed.success ? { checklist: parsed.data, diagnostics: [] } : { checklist: null, diagnostics: diagnose(parsed.error, value, `${CHECKLIST_YAML}:`) };
}
