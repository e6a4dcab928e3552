import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { errorCode } from "../../artifacts/artifact-error.js";
import type { TreeOptions } from "../../artifacts/scan-tree.js";
import { show, type Diagnostic } from "../../model/diagnostic.js";

/** The file that names what does not belong to the artifact when the artifact is the codebase itself. */
export const MISSION_IGNORE = ".missionignore";

const ALWAYS = [".git", ".mission"];

export interface LeftOut {
  readonly leaveOut: NonNullable<TreeOptions["leaveOut"]>;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * What stays out of an artifact that is the codebase itself: `.git` and `.mission` at any depth, and what `.missionignore` names. That file
 * has the lines of a .gitignore, without wildcards and exceptions: `coverage` is left out at any depth, `/coverage` and `docs/drafts` below
 * the codebase only, `logs/` only when it is a folder; what follows `#` at the beginning of a line is a comment.
 */
export async function readLeftOut(codebase: string): Promise<LeftOut> {
  let text: string;
  try {
    text = await readFile(join(codebase, MISSION_IGNORE), "utf8");
  } catch (error) {
    if (errorCode(error) === "ENOENT") return { leaveOut: leaveOutRules(ALWAYS.map(ruleOf)), diagnostics: [] };
    return { leaveOut: () => false, diagnostics: [{ path: MISSION_IGNORE, message: `cannot be read (${errorCode(error) ?? String(error)}); make it a readable file.` }] };
  }
  const lines = text.split(/\r?\n/).map((line, index) => ({ pattern: line.trim(), number: index + 1 }));
  const patterns = lines.filter(({ pattern }) => pattern !== "" && !pattern.startsWith("#"));
  const wrong = patterns.filter(({ pattern }) => /[*?[\]!\\]/.test(pattern) || ruleOf(pattern).path.split("/").some((part) => ["", ".", ".."].includes(part)));
  return {
    leaveOut: leaveOutRules([...ALWAYS, ...patterns.map(({ pattern }) => pattern)].map(ruleOf)),
    diagnostics: wrong.map(({ pattern, number }) => ({
      path: `${MISSION_IGNORE}:${number}`,
      message: `is ${show(pattern)}; allowed is a name such as coverage, or a path below the codebase such as /docs/drafts, without wildcards and exceptions.`,
    })),
  };
}

interface Rule {
  readonly path: string;
  readonly anywhere: boolean;
  readonly foldersOnly: boolean;
}

function ruleOf(pattern: string): Rule {
  const path = pattern.replace(/^\//, "").replace(/\/$/, "");
  return { path, anywhere: !pattern.startsWith("/") && !path.includes("/"), foldersOnly: pattern.endsWith("/") };
}

function leaveOutRules(rules: readonly Rule[]): LeftOut["leaveOut"] {
  return (path, isFolder) => {
    const name = path.slice(path.lastIndexOf("/") + 1);
    return rules.some((rule) => (isFolder || !rule.foldersOnly) && rule.path === (rule.anywhere ? name : path));
  };
}
