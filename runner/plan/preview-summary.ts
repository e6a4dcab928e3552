import type { EngineResult } from "../engine/run-engine.js";
import { isPolicyError, type PolicyReport } from "../policies/policy-report.js";
import { mandatory } from "../policies/policy-refusals.js";

/** One resource of a platform that an `up` would change; components and the stack itself, which are only names, are left out. */
export interface PreviewChange {
  /** Such as `sandbox:index:Slot`. */
  readonly type: string;
  readonly name: string;
  readonly operation: "create" | "update" | "replace" | "delete" | "other";
  /** One sentence; names of properties, never values. */
  readonly words: string;
}

/** What a preview said. */
export interface PreviewSummary {
  readonly stack: string;
  /** Whether the stack exists; otherwise it was previewed in a state that was thrown away. */
  readonly exists: boolean;
  /** Null when the preview failed. Resources of every kind, components too. */
  readonly counts: { readonly create: number; readonly update: number; readonly replace: number; readonly delete: number; readonly same: number } | null;
  readonly changes: readonly PreviewChange[];
  /** Why the preview failed, a sentence each; none when it went through. What policies refuse is not among them. */
  readonly errors: readonly string[];
  /** How the policy pack judged it; absent when nobody asked for that. */
  readonly policies?: PreviewedPolicies;
}

/** What the policy pack said of a preview. */
export interface PreviewedPolicies {
  /** Digest of the pack; null when it could not be run, and then `report` is null as well. */
  readonly pack: string | null;
  /** Why it could not be run, one sentence; null when it was. */
  readonly problem: string | null;
  readonly report: PolicyReport | null;
}

interface Step {
  readonly op: string;
  readonly urn: string;
  readonly newState?: { readonly custom?: boolean };
  readonly oldState?: { readonly custom?: boolean };
  readonly detailedDiff?: Readonly<Record<string, unknown>> | null;
  readonly diffReasons?: readonly string[] | null;
}

interface Preview {
  readonly steps?: readonly Step[];
  readonly changeSummary?: Readonly<Record<string, number>>;
  readonly diagnostics?: readonly { readonly severity?: string; readonly message?: string }[];
}

/** Reads the output of `pulumi preview --json`. @param policies how the policy pack judged it, where there was one */
export function readPreview(stack: string, exists: boolean, { code, stdout, stderr }: EngineResult, policies?: PreviewedPolicies): PreviewSummary {
  const preview = parse(stdout);
  const judged = policies === undefined ? {} : { policies };
  const report = policies?.report ?? null;
  const own = messagesOf(preview);
  // A preview goes on past what a policy refuses, so all the rest is known; past a policy that throws it does not.
  const onlyRefused = own.length === 0 && report !== null && report.cannotRun.length === 0 && mandatory(report).length > 0;
  if (preview === null || (code !== 0 && !onlyRefused)) {
    const errors = own.length === 0 && report !== null && report.cannotRun.length > 0 ? report.cannotRun : errorsOf(own, preview, code, stdout, stderr);
    return { stack, exists, counts: null, changes: [], errors, ...judged };
  }
  const count = (...operations: string[]) => operations.reduce((sum, operation) => sum + (preview.changeSummary?.[operation] ?? 0), 0);
  return {
    stack,
    exists,
    counts: { create: count("create"), update: count("update"), replace: count("replace", "create-replacement"), delete: count("delete"), same: count("same") },
    changes: (preview.steps ?? []).flatMap(changeOf),
    errors: [],
    ...judged,
  };
}

const OPERATIONS: Readonly<Record<string, readonly [PreviewChange["operation"], string]>> = {
  create: ["create", "is made"],
  update: ["update", "is changed"],
  replace: ["replace", "is replaced"],
  delete: ["delete", "is removed"],
};
/** Halves of a replacement, and what changes nothing. */
const UNTOLD = ["same", "read", "refresh", "create-replacement", "delete-replaced"];

function changeOf({ op, urn, newState, oldState, detailedDiff, diffReasons }: Step): PreviewChange[] {
  if (UNTOLD.includes(op) || (newState ?? oldState)?.custom !== true) return [];
  const [types = "", name = ""] = urn.split("::").slice(2);
  const type = types.split("$").at(-1) ?? "";
  const [operation, said] = OPERATIONS[op] ?? (["other", `has the operation "${op}"`] as const);
  const properties = operation === "create" || operation === "delete" ? [] : [...new Set([...Object.keys(detailedDiff ?? {}), ...(diffReasons ?? [])].map((path) => /^[^.[]+/.exec(path)?.[0] ?? path))].sort();
  return [{ type, name, operation, words: `${type} "${name}" ${said}${properties.length === 0 ? "" : `: ${properties.join(", ")}`}.` }];
}

/** What the engine called errors, but for its last word and for what the policies' report tells. */
function messagesOf(preview: Preview | null): string[] {
  const said = (preview?.diagnostics ?? []).flatMap(({ severity, message }) => (severity === "error" && message !== undefined ? [plain(message)] : []));
  return [...new Set(said.filter((message) => message !== "" && !/^preview failed$/i.test(message) && !isPolicyError(message)))];
}

/** With a mistake in it the program ends, and what the engine says beside it says nothing more. */
function errorsOf(own: readonly string[], preview: Preview | null, code: number, stdout: string, stderr: string): readonly string[] {
  if (own.length > 0) return own;
  const rest = plain(stderr) || (preview === null ? plain(stdout) : "");
  return [`The engine ended its preview with code ${code}${rest === "" ? "." : `: ${rest}`}`];
}

/** Without colours, in the engine's own notation or a terminal's. */
function plain(text: string): string {
  return text.replace(/<\{%[^%]*%\}>/g, "").replace(/\u001b\[[0-9;]*m/g, "").replace(/^error: /, "").trim();
}

function parse(text: string): Preview | null {
  try {
    const value = JSON.parse(text) as unknown;
    return typeof value === "object" && value !== null ? (value as Preview) : null;
  } catch {
    return null;
  }
}
