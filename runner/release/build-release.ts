import { realpath } from "node:fs/promises";
import { join } from "node:path";
import type { ArtifactStore } from "../../artifacts/store.js";
import type { Application } from "../../model/application.js";
import { show, type Diagnostic } from "../../model/diagnostic.js";
import { versionSchema } from "../../model/names.js";
import { releaseSchema, type Release } from "../../model/release.js";
import { EXIT, UserError } from "../errors.js";
import { codebaseEnvironment } from "./build-environment.js";
import { lockCodebase, type CodebaseLock } from "./codebase-lock.js";
import { commitOf } from "./commit.js";
import { readLeftOut } from "./left-out.js";
import { readApplication } from "./read-application.js";
import { readPackage } from "./read-package.js";
import { runInCodebase } from "./run-in-codebase.js";
import { storeArtifacts } from "./store-artifacts.js";

export interface BuildReleaseOptions {
  /** Folder of the codebase. */
  readonly codebase: string;
  /** Another mission.yaml; relative to the working directory. */
  readonly configFile?: string | undefined;
  /** Default: `version` of package.json. */
  readonly version?: string | undefined;
  readonly store: ArtifactStore;
  /** Gets the build's output as it comes. */
  readonly onOutput: (text: string) => void;
  /** Interrupts the build; give one whenever SIGINT is handled. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Builds a codebase and stores what its services run: an immutable release. Does not run the tests.
 * @throws UserError: usage with every mistake of the configuration, version and paths; locked while another run builds in the same codebase;
 *   codebase when the build fails or leaves no artifact; missing when git or the store fails; interrupted
 */
export async function buildRelease(options: BuildReleaseOptions): Promise<Release> {
  const { codebase, store } = options;
  const { application, diagnostics } = await readApplication(codebase, options.configFile);
  const root = await realpath(codebase).catch(() => codebase);
  const { version, mistakes } = await versionOf(root, options.version);
  const leftOut = await readLeftOut(root);
  const all = [...diagnostics, ...mistakes, ...leftOut.diagnostics];
  if (application === null || version === null || all.length > 0) throw new UserError(EXIT.usage, `"${codebase}" cannot be released:`, all);

  const lock = await lockCodebase(join(store.directory, ".locks"), root);
  try {
    const commit = await commitOf(root);
    await build(root, application, version, commit, lock, options);
    const digests = await storeArtifacts(root, application, store, leftOut.leaveOut);
    await refuseAnotherCommit(root, commit);
    return releaseOf(application, version, commit, digests);
  } finally {
    await lock.release();
  }
}

/** The version of a release: what was asked for, else the one of package.json. */
async function versionOf(root: string, wanted: string | undefined): Promise<{ readonly version: string | null; readonly mistakes: readonly Diagnostic[] }> {
  const { content, diagnostics } = wanted === undefined ? await readPackage(root) : { content: null, diagnostics: [] };
  const found = wanted ?? content?.version;
  if (found === undefined) {
    const mistakes = diagnostics.length > 0 ? diagnostics : [{ path: "version", message: "is missing; package.json gives none; name one with --version, such as --version 1.0.0." }];
    return { version: null, mistakes };
  }
  const parsed = versionSchema.safeParse(found);
  if (parsed.success) return { version: parsed.data, mistakes: [] };
  return { version: null, mistakes: parsed.error.issues.map(({ message }) => ({ path: "version", message: `is ${show(found)}; ${message}.` })) };
}

async function build(root: string, application: Application, version: string, commit: string | null, lock: CodebaseLock, { onOutput, signal }: BuildReleaseOptions): Promise<void> {
  if (application.build === null) return;
  const environment = codebaseEnvironment(process.env, { MISSION_VERSION: version, ...(commit === null ? {} : { MISSION_COMMIT: commit }) });
  const { failure, lastLines } = await runInCodebase({ command: application.build, directory: root, environment, onOutput, onStart: (pid) => lock.guard(pid), signal });
  if (failure !== null) throw new UserError(EXIT.codebase, `The build of "${application.name}" failed: "${application.build}" ended with ${failure}. Its last lines:\n${lastLines}`);
}

/** What is stored must be of the commit that is recorded: somebody may have committed or checked out during the build. */
async function refuseAnotherCommit(root: string, commit: string | null): Promise<void> {
  const now = await commitOf(root);
  // A build may leave files that git does not ignore; the commit itself must be the same.
  if (now?.slice(0, 40) === commit?.slice(0, 40)) return;
  throw new UserError(EXIT.codebase, `The codebase was at commit ${commit ?? "none"} before the build and is at ${now ?? "none"} after it; release again.`);
}

function releaseOf(application: Application, version: string, commit: string | null, digests: ReadonlyMap<string, string>): Release {
  const services = Object.entries(application.services).map(([name, { artifact, command, readiness, liveness, variables, secrets, database }]) => {
    return [name, { digest: digests.get(artifact), command, readiness, liveness, variables, secrets, database }] as const;
  });
  return releaseSchema.parse({ application: application.name, version, commit, services: Object.fromEntries(services) });
}
