import { EXIT, type UserError } from "../errors.js";
import { bullets } from "../plan/markdown.js";
import { COMMENT_LIMIT, markerOf, type Writing } from "./comment-markdown.js";
import { inline } from "./escape.js";
import { fit } from "./fit.js";

/** A pull request of which no plan can be made. */
export interface Refused {
  readonly application: string;
  /** The gate that it would not pass in a mission. */
  readonly gate: "configuration-complete" | "build";
  /** Every mistake, a sentence each. */
  readonly mistakes: readonly string[];
}

/** What a mistake in the configuration, or a failed build, is called as a gate; null when it is neither. */
export function refusedBy(error: UserError, application: string): Refused | null {
  const { diagnostics, exitCode, message } = error;
  if (exitCode === EXIT.codebase) return { application, gate: "build", mistakes: [message] };
  // An option is wrong for whoever typed it, not for the pull request.
  if (exitCode !== EXIT.usage || diagnostics.some(({ path }) => path.startsWith("--"))) return null;
  return { application, gate: "configuration-complete", mistakes: diagnostics.length === 0 ? [message] : diagnostics.map((each) => `"${each.path}" ${each.message}`) };
}

/** The comment for it. */
export function refusedMarkdown({ application, gate, mistakes }: Refused, { limit = COMMENT_LIMIT, hide = (text) => text }: Writing = {}): string {
  const count = mistakes.length === 1 ? "one mistake" : `${mistakes.length} mistakes`;
  const said = gate === "build" ? "It would be refused: the build fails, so nothing else is known." : `It would be refused: its configuration has ${count}, so nothing else is known.`;
  return fit([{ head: [markerOf(application), `## ${application}: FAIL`, "", said, ""], body: bullets(mistakes.map((sentence) => inline(hide(sentence)))), rank: 1 }], limit);
}
