import { show, type Diagnostic } from "../../model/diagnostic.js";
import { versionSchema } from "../../model/names.js";
import { readPackage } from "./read-package.js";

/** The version of a release, or why there is none. */
export type VersionResult = { readonly version: string; readonly mistakes: readonly [] } | { readonly version: null; readonly mistakes: readonly Diagnostic[] };

/**
 * The version of a release: the wanted one, else that of the codebase's package.json.
 * @param wanted the value of --version
 */
export async function releaseVersion(codebase: string, wanted?: string): Promise<VersionResult> {
  if (wanted !== undefined) return checked(wanted, "--version");
  const { content, diagnostics } = await readPackage(codebase);
  if (diagnostics.length > 0) return { version: null, mistakes: diagnostics };
  if (content?.version !== undefined) return checked(content.version, "package.json:version");
  const why = content === null ? "there is no package.json" : "package.json names no version";
  return { version: null, mistakes: [{ path: "--version", message: `is missing, and ${why}; give the release a version, such as --version 1.0.0.` }] };
}

function checked(text: string, path: string): VersionResult {
  const parsed = versionSchema.safeParse(text);
  if (parsed.success) return { version: text, mistakes: [] };
  return { version: null, mistakes: parsed.error.issues.map(({ message }) => ({ path, message: `is ${show(text)}; ${message}.` })) };
}
