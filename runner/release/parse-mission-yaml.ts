import { LineCounter, parseDocument } from "yaml";
import { applicationSchema } from "../../model/application.js";
import { diagnose, type Diagnostic } from "../../model/diagnostic.js";
import type { ReadResult } from "./read-application.js";

/** The least that a mission.yaml holds, for messages. */
export const SMALLEST_MISSION_YAML = ["name: my-application", "services:", "  web:", "    command: node server.js   # listens on $PORT"].map((line) => `    ${line}`).join("\n");

/**
 * The application that the text of a mission.yaml describes.
 * @param file its name, for the diagnostics
 */
export function parseMissionYaml(text: string, file: string): ReadResult {
  const { value, diagnostics } = parseYaml(text, file);
  if (diagnostics.length > 0) return { application: null, diagnostics };
  if (value === null) return { application: null, diagnostics: [{ path: file, message: `is empty; it needs at least:\n\n${SMALLEST_MISSION_YAML}\n` }] };
  const parsed = applicationSchema.safeParse(value);
  return parsed.success ? { application: parsed.data, diagnostics: [] } : { application: null, diagnostics: diagnose(parsed.error, value, `${file}:`) };
}

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
