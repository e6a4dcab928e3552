import { applicationSchema } from "../../model/application.js";
import { diagnose } from "../../model/diagnostic.js";
import { parseYaml } from "../../model/parse-yaml.js";
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
