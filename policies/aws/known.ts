import { UnknownValueError } from "@pulumi/policy";

/** Stands for what is not known in a preview, such as the ARN of a resource that does not exist yet. */
export const UNKNOWN: unique symbol = Symbol("not known before the update");

/** Inputs of a resource, as plain values. */
export type Known = Readonly<Record<string, unknown>>;

/**
 * The named inputs as plain values, with `UNKNOWN` wherever the SDK refuses to be read; no other input is touched, so that no secret is. The SDK would turn a
 * mandatory policy that touches an unknown value into an advice. A rule passes over what is unknown: in the update every input is known by the time that its
 * resource is judged, which is before anything of it is created, so nothing escapes by it, with `--skip-preview` as well.
 */
export function known(props: Known, names: readonly string[]): Known {
  return Object.fromEntries(names.map((name) => [name, copy(() => props[name])]));
}

/** An input as a list; of one that is unknown as a whole nothing is known, not even its length. */
export function listOf(value: unknown): readonly unknown[] | typeof UNKNOWN {
  if (value === UNKNOWN) return UNKNOWN;
  return Array.isArray(value) ? value : value === undefined || value === null ? [] : [value];
}

/** The entries of an input that is an object; none of anything else. */
export function recordOf(value: unknown): Known {
  return value !== null && typeof value === "object" && !Array.isArray(value) ? (value as Known) : {};
}

/** What stands at a path, `UNKNOWN` as soon as something on the way to it is. */
export function at(value: unknown, ...path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>((inner, key) => (inner === UNKNOWN ? UNKNOWN : inner === null || typeof inner !== "object" ? undefined : (inner as Record<string | number, unknown>)[key]), value);
}

function copy(read: () => unknown): unknown {
  let value: unknown;
  try {
    value = read();
  } catch (error) {
    if (error instanceof UnknownValueError) return UNKNOWN;
    throw error;
  }
  if (value === null || typeof value !== "object") return value;
  const fields = value as Record<string, unknown>;
  if (Array.isArray(value)) return Array.from({ length: value.length }, (_, index) => copy(() => fields[index]));
  return Object.fromEntries(Object.keys(fields).map((key) => [key, copy(() => fields[key])]));
}
