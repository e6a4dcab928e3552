import { existsSync, readFileSync } from "node:fs";
import { parseDocument } from "yaml";
import { awsSettingsSchema, type AwsSettings } from "../../model/aws-settings.js";
import { diagnose } from "../../model/diagnostic.js";
import { sandboxDirectory } from "../../sandbox/home.js";
import { stackFilePath } from "../engine/engine-environment.js";
import { stackOrigin } from "../engine/stack.js";
import { syncStackFile } from "../engine/stack-file.js";
import { EXIT, UserError } from "../errors.js";
import type { PlatformAdapter } from "./adapter.js";

/**
 * The adapter of the platform that a stack runs on; only that one is loaded. Needs neither the engine nor a stack file without mistakes once
 * something runs: taking traffic back must not fail for a comma.
 * @throws UserError (usage) when there is no such stack, or its platform is none of ours
 */
export async function openAdapter(stack: string): Promise<PlatformAdapter> {
  const platform = await platformOf(stack);
  if (platform === "sandbox") return (await import("./sandbox.js")).sandboxAdapter(stack);
  if (platform === "aws") return (await import("./aws.js")).awsAdapter(stack, await awsSettingsOf(stack));
  throw new UserError(EXIT.usage, `"mission:platform" of stack "${stack}" is ${JSON.stringify(platform)}; this version has "sandbox" and "aws".`);
}

/** The platform is fixed when a stack is created, so what runs here says it for certain; before that, the file does. */
async function platformOf(stack: string): Promise<unknown> {
  if (existsSync(sandboxDirectory(stack))) return "sandbox";
  return parseDocument(await textOf(stack)).getIn(["config", "mission:platform"]) ?? "sandbox";
}

async function textOf(stack: string): Promise<string> {
  return readFileSync(existsSync(stackFilePath(stack)) ? stackFilePath(stack) : await syncStackFile(stackOrigin(stack)), "utf8");
}

/** Only what is needed to reach AWS must be right. @throws UserError (usage) with every mistake in it */
async function awsSettingsOf(stack: string): Promise<AwsSettings> {
  const { config } = (parseDocument(await textOf(stack)).toJS() ?? {}) as { config?: Record<string, unknown> };
  const raw = config?.["mission:aws"] ?? {};
  const parsed = awsSettingsSchema.safeParse(raw);
  if (!parsed.success) throw new UserError(EXIT.usage, `Stack "${stack}" cannot be looked at on AWS:`, diagnose(parsed.error, raw, "mission:aws."));
  return parsed.data;
}
