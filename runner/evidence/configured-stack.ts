import type { EnvironmentSettings } from "../../model/environment-settings.js";
import type { Release } from "../../model/release.js";
import { readStackFileSettings } from "../engine/read-stack-settings.js";
import { stackOrigin } from "../engine/stack.js";
import { syncStackFile } from "../engine/stack-file.js";
import { EXIT, UserError } from "../errors.js";

/** A stack as this machine's copy of its file says it is, with the release that evidence is about. */
export interface ConfiguredStack {
  readonly stack: string;
  /** This machine's copy, which is not tracked. */
  readonly file: string;
  readonly settings: EnvironmentSettings;
  readonly release: Release;
}

/**
 * Reads what a stack is configured for. Needs no engine.
 * @throws UserError (usage) when there is no such stack, its configuration has mistakes, or it has no release
 */
export async function configuredStack(stack: string): Promise<ConfiguredStack> {
  const file = await syncStackFile(stackOrigin(stack));
  const { settings, diagnostics } = await readStackFileSettings(file);
  if (settings === null) throw new UserError(EXIT.usage, `The configuration of stack "${stack}" has mistakes:`, diagnostics);
  const { release } = settings;
  if (release === undefined) throw new UserError(EXIT.usage, `Stack "${stack}" has no release yet, so evidence would be about nothing; make one with: ./mission release <codebase> --stack ${stack}`);
  return { stack, file, settings, release };
}

/** Digest of the artifact by service. */
export function artifactsOf({ services }: Release): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(services).map(([service, { digest }]) => [service, digest]));
}
