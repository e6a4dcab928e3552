import { existsSync, mkdirSync } from "node:fs";
import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import type { Gates } from "../../model/gates.js";
import type { Release } from "../../model/release.js";
import { engineEnvironment } from "../engine/engine-environment.js";
import { runEngine } from "../engine/run-engine.js";
import { projectName } from "../engine/stack.js";
import { syncStackFile, type StackOrigin } from "../engine/stack-file.js";
import { EXIT, UserError } from "../errors.js";
import type { PolicyPack } from "../policies/policy-pack.js";
import { giveExampleSecrets } from "../release/example-secrets.js";
import { writeRelease } from "../release/write-release.js";
import { inRunFolder, setConfiguration } from "../rollout/run-file.js";
import type { PreviewSummary } from "./preview-summary.js";
import { runPreview } from "./run-preview.js";

/** By what a preview is judged. */
export interface Judging {
  /** One that cannot be run is told in the summary, and the rest is previewed without it. */
  readonly pack: PolicyPack;
  /** The evidence that there is by now; undefined: what the kept file says. */
  readonly gates?: Gates | undefined;
}

/**
 * What an `up` of a stack with a release would change, by a real `pulumi preview`. The release stands in a file of this run only; a stack that does not
 * exist yet is previewed in a state that is thrown away. So nothing that is tracked or kept changes, but for this machine's copy of the stack's file,
 * which is made, or brought up to date with the tracked one, as by every command.
 * @param judging absent: no pack judges it
 * @throws UserError (usage) when the stack's file, or the configuration with the release in it, cannot be used; (missing) without an engine
 */
export function previewRelease(origin: StackOrigin, release: Release, judging?: Judging): Promise<PreviewSummary> {
  return inOwnFolder(origin, async (file, directory) => {
    const own = engineEnvironment(origin.stack, file);
    const exists = await stackExists(origin.stack, own);
    const environment = exists ? own : await throwAwayStack(origin.stack, directory, own);
    await giveExampleSecrets({ name: origin.stack, file, environment, settled: [] }, release);
    await writeRelease(file, release);
    await setConfiguration(origin.stack, file, { "mission:gates": judging?.gates });
    return runPreview({ stack: origin.stack, exists, environment, directory, pack: judging?.pack ?? null });
  });
}

/** What a bare `up` of a stack would change as it is configured now; of a stack that was just brought up: nothing. Else as `previewRelease`. */
export function previewAsIs(origin: StackOrigin, pack: PolicyPack | null = null): Promise<PreviewSummary> {
  return inOwnFolder(origin, (file, directory) => runPreview({ stack: origin.stack, exists: true, environment: engineEnvironment(origin.stack, file), directory, pack }));
}

/** Gives some work a copy of a stack's file, in a folder of its own that is removed afterwards. */
async function inOwnFolder<T>(origin: StackOrigin, work: (file: string, directory: string) => Promise<T>): Promise<T> {
  const kept = await syncStackFile(origin);
  return inRunFolder(origin.stack, async (file, directory) => {
    await copyFile(kept, file);
    return work(file, directory);
  });
}

/** Whether the backend has the stack. A local backend that nobody has used yet is not asked: asking would begin to use it. */
async function stackExists(stack: string, environment: Readonly<Record<string, string>>): Promise<boolean> {
  const backend = environment["PULUMI_BACKEND_URL"] ?? process.env["PULUMI_BACKEND_URL"] ?? "";
  if (backend.startsWith("file:///") && !existsSync(join(backend.slice("file://".length), ".pulumi"))) return false;
  const listed = await runEngine(["stack", "ls", "--json", "--project", projectName()], { environment });
  if (listed.code !== 0) throw new UserError(EXIT.missing, `The engine cannot list the stacks: ${listed.stderr.trim()}`);
  return (JSON.parse(listed.stdout) as { readonly name: string }[]).some(({ name }) => name === stack || name.endsWith(`/${stack}`));
}

/** The same environment with a backend of its own, in which the stack is made. */
async function throwAwayStack(stack: string, directory: string, own: Readonly<Record<string, string>>): Promise<Readonly<Record<string, string>>> {
  const state = join(directory, "state");
  mkdirSync(state, { mode: 0o700 });
  const environment = { ...own, PULUMI_BACKEND_URL: `file://${state}` };
  const made = await runEngine(["stack", "init", "--no-select", "--stack", stack], { environment });
  if (made.code !== 0) throw new UserError(EXIT.missing, `A state for the preview of stack "${stack}" cannot be made: ${made.stderr.trim()}`);
  return environment;
}
