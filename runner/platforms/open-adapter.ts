import { readFileSync } from "node:fs";
import { parseDocument } from "yaml";
import { EXIT, UserError } from "../errors.js";
import type { OpenStack } from "../engine/stack.js";
import type { PlatformAdapter } from "./adapter.js";

/** The adapter of the platform that a stack's file names; only that one is loaded. */
export async function openAdapter(stack: OpenStack): Promise<PlatformAdapter> {
  const platform = parseDocument(readFileSync(stack.file, "utf8")).getIn(["config", "mission:platform"]) ?? "sandbox";
  if (platform === "sandbox") return (await import("./sandbox.js")).sandboxAdapter(stack.name);
  throw new UserError(EXIT.usage, `"mission:platform" of stack "${stack.name}" is ${JSON.stringify(platform)}; this version has "sandbox".`);
}
