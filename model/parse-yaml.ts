import { LineCounter, parseDocument } from "yaml";
import type { Diagnostic } from "./diagnostic.js";

/** A YAML text's value, or every mistake with its line and column (from 1). */
export function parseYaml(text: string, file: string): { readonly value: unknown; readonly diagnostics: readonly Diagnostic[] } {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, prettyErrors: false });
  const diagnostics = [...document.errors, ...document.warnings].map((error) => {
    const { line, col } = lineCounter.linePos(error.pos[0]);
    return { path: file, message: `is not valid YAML in line ${line}, column ${col}: ${error.message.trim().replace(/\.$/, "")}.` };
  });
  if (diagnostics.length > 0) return { value: null, diagnostics };
  try {
    return { value: document.toJS() as unknown, diagnostics };
  } catch (error) {
    return { value: null, diagnostics: [{ path: file, message: `cannot be read: ${error instanceof Error ? error.message : String(error)}.` }] };
  }
}
