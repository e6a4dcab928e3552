import { isDeepStrictEqual } from "node:util";
import { isCollection, isMap, isNode, isPair, isScalar, parseDocument, stringify, type Pair, type YAMLMap } from "yaml";
import type { Diagnostic } from "../../model/diagnostic.js";
import { parseYaml } from "../../model/parse-yaml.js";

/** The new text, or why there is none. */
export type EditedText = { readonly text: string; readonly config: Readonly<Record<string, unknown>>; readonly diagnostics: readonly [] } | { readonly text: null; readonly diagnostics: readonly Diagnostic[] };

/**
 * Sets one key below `config:` in the text of a stack file. Everything outside the old value stays byte for byte: comments, order, quotes, blank
 * lines, line ends; all of it when the key has that value already. The library finds the places; the text is spliced, because a document that the library writes back is formatted anew.
 * Refuses, instead of guessing, a file in which that is not possible.
 * @param file its name, for the diagnostics
 * @param value plain data as JSON has it, not empty
 */
export function setConfigEntry(text: string, file: string, key: string, value: object): EditedText {
  const { value: before, diagnostics } = parseYaml(text, file);
  if (diagnostics.length > 0) return { text: null, diagnostics };
  const config = asMap(asMap(before)["config"]);
  if (isDeepStrictEqual(plain(config[key] ?? null), plain(value))) return { text, config, diagnostics: [] };
  const edited = new ConfigEditor(text).set(key, value);
  if (edited === null) return { text: null, diagnostics: [{ path: file, message: 'is not in the usual form of a stack file; allowed is "config:" on a line of its own with one key on each line below it.' }] };
  const after = parseYaml(edited, file);
  const expected = { ...asMap(before), config: { ...config, [key]: value } };
  if (after.diagnostics.length > 0 || !isDeepStrictEqual(plain(after.value), plain(expected))) {
    return { text: null, diagnostics: [{ path: file, message: `cannot be edited without changing something else; set "${key}" in it by hand, or write the file in a plainer form.` }] };
  }
  return { text: edited, config: expected.config, diagnostics: [] };
}

/** One text and the places of its parts. */
class ConfigEditor {
  readonly #newline: string;

  constructor(readonly text: string) {
    this.#newline = text.includes("\r\n") ? "\r\n" : "\n";
  }

  /** Null when the text is not in a form that can be edited. */
  set(key: string, value: object): string | null {
    const root = parseDocument(this.text).contents;
    if (root === null || (isScalar(root) && root.value === null)) return this.#append(this.#lines({ config: { [key]: value } }, 0));
    if (!isBlock(root)) return null;
    const config = pairOf(root, "config");
    if (config === undefined) return this.#insertAfter(root, this.#lines({ config: { [key]: value } }, this.#columnOf(root)));
    if (isEmpty(config.value)) return this.#fill(rangeOf(config.value), this.#lines({ [key]: value }, this.#columnOf(root) + 2));
    if (!isBlock(config.value)) return null;
    const entry = this.#lines({ [key]: value }, this.#columnOf(config.value));
    const old = pairOf(config.value, key);
    return old === undefined ? this.#insertAfter(config.value, entry) : this.#replace(old, entry);
  }

  #append(entry: string): string {
    const separator = this.text === "" || this.text.endsWith("\n") ? "" : this.#newline;
    return this.text + separator + entry + this.#newline;
  }

  #insertAfter(map: YAMLMap, entry: string): string {
    const place = this.#endOfLine(this.#endOf(map));
    return this.text.slice(0, place) + this.#newline + entry + this.text.slice(place);
  }

  /** Puts an entry below a key whose value is nothing, `~` or `{}`; a comment beside the key stays. */
  #fill([start, end]: readonly [number, number], entry: string): string {
    const lineEnd = this.#endOfLine(end);
    const header = this.text.slice(0, start) + this.text.slice(end, lineEnd);
    return header.trimEnd() + this.#newline + entry + this.text.slice(lineEnd);
  }

  #replace(old: Pair, entry: string): string {
    const start = rangeOf(old.key)[0];
    const rest = this.text.slice(this.#endOf(old));
    // When the old value begins below its key, what stands beside the key, such as a comment, stays.
    if (isBlock(old.value)) return this.text.slice(0, this.#endOfLine(start)) + entry.slice(entry.indexOf(this.#newline)) + rest;
    return this.text.slice(0, start) + entry.trimStart() + rest;
  }

  #lines(value: object, indent: number): string {
    const lines = stringify(value, QUOTED_FORM).replace(LEFT_UNESCAPED, escaped).trimEnd().split("\n");
    return lines.map((line) => " ".repeat(indent) + line).join(this.#newline);
  }

  /** Where the last thing ends that is no comment, blank line or line end: the library counts what follows as a part of a block. */
  #endOf(node: unknown): number {
    if (isPair(node)) return this.#endOf(node.value ?? node.key);
    if (isCollection(node) && !node.flow && node.items.length > 0) return this.#endOf(node.items.at(-1));
    const [start, end] = rangeOf(node);
    // The place of a value that is not written is before the comment behind it.
    return start === end ? this.text.slice(0, start).trimEnd().length : start + this.text.slice(start, end).replace(/\r?\n$/, "").length;
  }

  #endOfLine(from: number): number {
    return from + (/\r?\n|$/.exec(this.text.slice(from))?.index ?? 0);
  }

  #columnOf(map: YAMLMap): number {
    const start = rangeOf(map.items[0]?.key)[0];
    return start - (this.text.lastIndexOf("\n", start - 1) + 1);
  }
}

/** Strings in double quotes and each on one line, so that no reader of YAML 1.1 takes one for something else. */
const QUOTED_FORM = { compat: "yaml-1.1", lineWidth: 0, defaultStringType: "QUOTE_DOUBLE", defaultKeyType: "PLAIN", doubleQuotedAsJSON: true, aliasDuplicateObjects: false } as const;

/** What JSON leaves as it is inside quotes, and YAML 1.1 refuses or takes for the end of a line. */
const LEFT_UNESCAPED = /[\u007F-\u009F\u2028\u2029\uFEFF\uFFFE\uFFFF]/g;

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

function isBlock(node: unknown): node is YAMLMap {
  return isMap(node) && !node.flow && node.items.length > 0;
}

function pairOf(map: YAMLMap, key: string): Pair | undefined {
  return map.items.find((pair) => isScalar(pair.key) && pair.key.value === key);
}

function isEmpty(value: unknown): boolean {
  return (isScalar(value) && value.value === null) || (isMap(value) && value.items.length === 0);
}

function rangeOf(node: unknown): readonly [number, number] {
  if (!isNode(node) || !node.range) throw new Error("A parsed YAML node has no place in its text.");
  return [node.range[0], node.range[1]];
}

function asMap(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

/** As JSON has it: keys that are undefined do not count. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}
