import { gatedInputsSchema, type GatedInputs } from "./gated-inputs.js";

/** The type whose inputs are all that rules judge. */
export const SERVICE_TYPE = "mission:index:BlueGreenService";

/** The inputs of a service, or why they cannot be judged: a sentence each. */
export type ReadInputs = { readonly ok: true; readonly gated: GatedInputs } | { readonly ok: false; readonly mistakes: readonly string[] };

/** Rules read the same inputs one after the other, and the SDK hands each of them a copy of its own. */
let last: { readonly text: string; readonly read: ReadInputs } | undefined;

/**
 * Reads the inputs of a service as CrossGuard hands them over. What is unknown in a preview is a mistake: the SDK would otherwise make a mandatory policy that
 * touches it an advice. Mistakes name the path and what is allowed there, never the value, which may be a secret.
 */
export function readInputs(props: unknown): ReadInputs {
  const unknown = unknownPaths(props);
  if (unknown.length > 0) return { ok: false, mistakes: unknown.map((path) => `"${path}" is not known before the update, so it cannot be judged; allowed are plain values only.`) };
  const text = JSON.stringify(props);
  if (last?.text !== text) last = { text, read: parse(JSON.parse(text)) };
  return last.read;
}

function parse(inputs: unknown): ReadInputs {
  const parsed = gatedInputsSchema.safeParse(inputs);
  if (parsed.success) return { ok: true, gated: parsed.data };
  return { ok: false, mistakes: parsed.error.issues.map(({ path, message }) => `"${path.join(".")}" ${at(inputs, path) === undefined ? "is missing" : `is not understood: ${message}`}.`) };
}

function at(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((inner, key) => (inner === null || typeof inner !== "object" ? undefined : (inner as Record<PropertyKey, unknown>)[key]), value);
}

/** Paths at which the SDK's proxy refuses to be read. */
function unknownPaths(value: unknown, path: readonly string[] = []): string[] {
  if (value === null || typeof value !== "object") return [];
  return Object.keys(value).flatMap((key) => {
    const inner = [...path, key];
    let field: unknown;
    try {
      field = (value as Record<string, unknown>)[key];
    } catch {
      return [inner.join(".")];
    }
    return unknownPaths(field, inner);
  });
}
