import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { errorCode } from "../../artifacts/artifact-error.js";
import { diagnose, type Diagnostic } from "../../model/diagnostic.js";

/** What is of interest here in a package.json. */
const packageSchema = z.object({
  name: z.string().optional(),
  version: z.string().optional(),
  main: z.string().optional(),
  scripts: z.record(z.string(), z.string()).default({}),
});
export type Package = z.output<typeof packageSchema>;

/** A codebase's package.json; null when there is none, or when there are mistakes. */
export async function readPackage(codebase: string): Promise<{ readonly content: Package | null; readonly diagnostics: readonly Diagnostic[] }> {
  let text: string;
  try {
    text = await readFile(join(codebase, "package.json"), "utf8");
  } catch (error) {
    if (errorCode(error) === "ENOENT") return { content: null, diagnostics: [] };
    return mistakes([{ path: "package.json", message: `cannot be read (${errorCode(error) ?? String(error)}); make it a readable file.` }]);
  }
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch (error) {
    return mistakes([{ path: "package.json", message: `is not valid JSON: ${error instanceof Error ? error.message : String(error)}.` }]);
  }
  const parsed = packageSchema.safeParse(value);
  return parsed.success ? { content: parsed.data, diagnostics: [] } : mistakes(diagnose(parsed.error, value, "package.json:"));
}

/** Whether there is a script of that name that does something. */
export function hasScript({ scripts }: Package, name: string): boolean {
  return Object.hasOwn(scripts, name) && scripts[name]?.trim() !== "";
}

function mistakes(diagnostics: readonly Diagnostic[]) {
  return { content: null, diagnostics };
}
