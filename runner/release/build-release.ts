import { realpath } from "node:fs/promises";
import { join } from "node:path";
import type { ArtifactStore } from "../../artifacts/store.js";
import type { Application } from "../../model/application.js";
import type { Diagnostic } from "../../model/diagnostic.js";
import { releaseSchema, type Release } from "../../model/release.js";
import { EXIT, UserError } from "../errors.js";
import { codebaseEnvironment } from "./build-environment.js";
import { lockCodebase, type CodebaseLock } from "./codebase-lock.js";
import { commitOf, committedTreeOf } from "./commit.js";
import { readLeftOut } from "./left-out.js";
import { readApplication } from "./read-application.js";
import { releaseVersion } from "./release-version.js";
import { runInCodebase } from "./run-in-codebase.js";
import { storeArtifacts } from "./store-artifacts.js";
import { writingToStore } from "./writing-to-store.js";

export interface BuildReleaseOptions {
  /** Folder of the codebase. */
  readonly codebase: string;
  /** The application, when it has been read already; then no file is read for it. */
  readonly application?: Application | undefined;
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
 * @throws UserError: usage with every mistake of the configuration, the version and the paths; locked while another run builds in the same
 *   codebase; codebase when the build fails or leaves no artifact; missing when git or the store fails; interrupted
 */
export async function buildRelease(options: BuildReleaseOptions): Promise<Release> {
  const { codebase, store } = options;
  const { root, application, version, leaveOut } = await readAll(options);
  const lock = await writingToStore(store.directory, () => lockCodebase(join(store.directory, ".locks"), root));
  try {
    const commit = await commitOf(root);
    const tree = await committedTreeOf(root);
    await build(root, application, version, commit, lock, options);
    const digests = await storeArtifacts(root, application, store, leaveOut);
    if ((await committedTreeOf(root)) !== tree) {
      throw new UserError(EXIT.codebase, `The codebase "${codebase}" was at commit ${commit ?? "none"} before the build, and another one has changed it meanwhile; run it again, and leave the codebase alone while it is built.`);
    }
    return releaseOf(application, version, commit, digests);
  } finally {
    await lock.release();
  }
}

/** Everything that is read before anything runs; refuses with all mistakes at once. */
async function readAll({ codebase, application: known, configFile, version: wanted }: BuildReleaseOptions) {
  const { application, diagnostics } = known === undefined ? await readApplication(codebase, configFile) : { application: known, diagnostics: [] };
  const root = await realpath(codebase).catch(() => null);
  // Without a folder there is nothing else to look at.
  const { version, mistakes } = root === null ? { version: null, mistakes: [] } : await releaseVersion(root, wanted);
  const { leaveOut, diagnostics: wrongLines } = await readLeftOut(root ?? codebase);
  const all = withoutRepeats([...diagnostics, ...mistakes, ...(root === null ? [] : wrongLines)]);
  if (root === null || application === null || version === null || all.length > 0) throw new UserError(EXIT.usage, `"${codebase}" cannot be released:`, all);
  return { root, application, version, leaveOut };
}

async function build(root: string, { build: command }: Application, version: string, commit: string | null, lock: CodebaseLock, { codebase, onOutput, signal }: BuildReleaseOptions): Promise<void> {
  if (command === null) return;
  const environment = codebaseEnvironment(process.env, { MISSION_VERSION: version, MISSION_COMMIT: commit ?? "" });
  const { failure, lastLines } = await runInCodebase({ command, directory: root, environment, onOutput, onStart: (pid) => lock.guard(pid), signal });
  if (failure === null) return;
  const output = lastLines === "" ? "It wrote nothing." : `Its last lines:\n${lastLines}`;
  throw new UserError(EXIT.codebase, `The build "${command}" of "${codebase}" failed with ${failure}. ${output}`);
}

/** The release that an application becomes. @param digests of the artifact of every service */
export function releaseOf(application: Application, version: string, commit: string | null, digests: ReadonlyMap<string, string>): Release {
  const services = Object.entries(application.services).map(([name, service]) => {
    const { image, command = [], readiness, liveness, variables, secrets, database } = service;
    return [name, { digest: digests.get(name), ...(image === undefined ? {} : { image: image.repository }), command, readiness, liveness, variables, secrets, database }];
  });
  return releaseSchema.parse({ application: application.name, version, commit, services: Object.fromEntries(services) as unknown, migrations: application.migrations });
}

/** A package.json may be read twice: for the application and for the version. */
function withoutRepeats(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  return [...new Map(diagnostics.map((each) => [`${each.path} ${each.message}`, each])).values()];
}
