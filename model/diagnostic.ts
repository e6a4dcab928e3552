import type { z } from "zod";

/** One mistake of a user: where it is, what was seen, what is allowed. */
export interface Diagnostic {
  /** Path of the value, such as `mission:alarms.errorRate`. */
  readonly path: string;
  /** One sentence: what was seen, what is allowed, what to do. */
  readonly message: string;
}

/** Every mistake that a zod schema found, each as one sentence with what was seen. */
export function diagnose(error: z.ZodError, input: unknown, root = ""): Diagnostic[] {
  return error.issues.flatMap((issue) => issueDiagnostics(issue, input, root));
}

type Issue = z.core.$ZodIssue;

function issueDiagnostics(issue: Issue, input: unknown, root: string): Diagnostic[] {
  const path = joinPath(root, issue.path);
  const seen = valueAt(input, issue.path);
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({ path: joinPath(root, [...issue.path, key]), message: "is not a known key; check its spelling or remove it." }));
  }
  if (issue.code === "invalid_union") {
    const meant = issue.errors.filter((issues) => issues.every((inner) => inner.path.length > 0));
    // Keys that only one of the forms has: that form was meant, and its own mistakes say more than a list of all forms.
    if (meant.length === 1) return (meant[0] ?? []).flatMap((inner) => issueDiagnostics({ ...inner, path: [...issue.path, ...inner.path] }, input, root));
  }
  if (seen === undefined) return [{ path, message: `is missing; ${allowed(issue)}.` }];
  if (issue.code === "invalid_key") {
    const inner = issue.issues.map((each) => allowed(each)).join("; ");
    return [{ path, message: `is not an allowed name; ${inner}.` }];
  }
  if (issue.code === "custom") {
    return [{ path, message: issue.message.startsWith("allowed") ? `is ${show(seen)}; ${issue.message}.` : sentence(issue.message) }];
  }
  return [{ path, message: `is ${show(seen)}; ${allowed(issue)}.` }];
}

function allowed(issue: Issue): string {
  switch (issue.code) {
    case "invalid_type":
      return `expected is ${withArticle(issue.expected)}`;
    case "too_small":
      return `the smallest allowed is ${String(issue.minimum)}${unit(issue.origin)}`;
    case "too_big":
      return `the largest allowed is ${String(issue.maximum)}${unit(issue.origin)}`;
    case "invalid_value":
      return `allowed is ${issue.values.map((value) => JSON.stringify(value)).join(" or ")}`;
    default:
      return issue.message.replace(/\.$/, "");
  }
}

function unit(origin: string): string {
  return origin === "string" ? " characters" : origin === "array" || origin === "set" ? " entries" : "";
}

function withArticle(kind: string): string {
  if (kind === "int") return "a whole number";
  return /^[aeiou]/.test(kind) ? `an ${kind}` : `a ${kind}`;
}

/** A value as a person would write it, cut to 60 characters. */
export function show(value: unknown): string {
  if (typeof value === "number") return String(value);
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

function joinPath(root: string, path: readonly PropertyKey[]): string {
  return path.reduce<string>((whole, part) => {
    if (typeof part === "number") return `${whole}[${part}]`;
    return whole === "" || whole.endsWith(":") ? `${whole}${String(part)}` : `${whole}.${String(part)}`;
  }, root);
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, part) => (typeof value === "object" && value !== null ? (value as Record<PropertyKey, unknown>)[part] : undefined), input);
}

/** Diagnostics as a list for a terminal, under a headline. */
export function formatDiagnostics(headline: string, diagnostics: readonly Diagnostic[]): string {
  return [headline, ...diagnostics.map(({ path, message }) => `  "${path}" ${message}`)].join("\n");
}
