import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { packConfigSchema, type PackConfig } from "./pack-config.js";

/**
 * Reads `pack.yaml`.
 * @throws Error with every mistake, a sentence each; the engine then refuses to go on
 */
export function readPackConfig(path: string): PackConfig {
  const parsed = packConfigSchema.safeParse(parse(readFileSync(path, "utf8")) ?? {});
  if (parsed.success) return parsed.data;
  throw new Error(`The pack's configuration "${path}" has mistakes:\n${parsed.error.issues.map(({ path: at, message }) => `  "${at.join(".")}": ${message}.`).join("\n")}`);
}
