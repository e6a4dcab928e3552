import { open, realpath } from "node:fs/promises";
import { errorCode } from "../../artifacts/artifact-error.js";
import { stackName, type Application } from "../../model/application.js";
import { show, type Diagnostic } from "../../model/diagnostic.js";
import { environmentMistakes } from "../../model/environment-rules.js";
import type { EnvironmentSettings } from "../../model/environment-settings.js";
import { resolveStrategy, STRATEGY_NAMES, type DeclaredStrategy } from "../../model/strategy.js";
import { timingOf } from "../../model/timing.js";
import { windowMistakes } from "../../model/window.js";
import { readStackFileSettings, type StackFileSettings } from "../engine/read-stack-settings.js";
import { syncStackFile, type StackOrigin } from "../engine/stack-file.js";
import { EXIT, UserError } from "../errors.js";
import { readApplication } from "../release/read-application.js";
import { releaseVersion } from "../release/release-version.js";
import { who } from "../who.js";
import { missionId } from "./mission-id.js";
import type { EnvironmentName, Hotfix, MissionEnvironment, MissionSubject } from "./subject.js";

/** What a person says of a mission. */
export interface SubjectOptions {
  /** Default: that of package.json. */
  readonly version?: string | undefined;
  /** Another mission.yaml; relative to the working directory. */
  readonly config?: string | undefined;
  /** File with the release notes in Markdown. */
  readonly notes?: string | undefined;
  /** One of STRATEGY_NAMES, instead of mission.yaml's. */
  readonly strategy?: string | undefined;
  /** Leave out what a hotfix may leave out; needs `reason`. */
  readonly hotfix?: boolean | undefined;
  readonly reason?: string | undefined;
  /** Name of the key that signs what the gates state. Default: the development key. */
  readonly key?: string | undefined;
  /** A person approves every step of production after the first. */
  readonly pause?: boolean | undefined;
  /** Checklist items that a person has confirmed, by id. */
  readonly confirmed?: readonly string[] | undefined;
  /** Checklist items that a person has waived, with the reason, by id. */
  readonly waived?: Readonly<Record<string, string>> | undefined;
}

/** Bytes that release notes may have. */
export const NOTES_LIMIT = 64 * 1024;

/** Reads the settings of a stack. @throws UserError (usage) when its file cannot be read as one */
export type ReadStack = (origin: StackOrigin) => StackFileSettings | Promise<StackFileSettings>;

const thisMachines: ReadStack = async (origin) => readStackFileSettings(await syncStackFile(origin));

/** Something that was read, and what is wrong with it. */
interface Read<T> {
  readonly value: T | null;
  readonly mistakes: readonly Diagnostic[];
}

/**
 * Reads everything that a mission is about, and runs nothing. This machine's copies of both stacks' files are made or brought up to date; no stack is.
 * @param readStack where a stack's settings come from; default: this machine's copy of its file
 * @throws UserError (usage) with every mistake of the description, the version, the notes, the options and both environments' settings at once
 */
export async function readSubject(codebase: string, options: SubjectOptions, readStack: ReadStack = thisMachines): Promise<MissionSubject> {
  const { application, diagnostics } = await readApplication(codebase, options.config);
  const root = await realpath(codebase).catch(() => null);
  const version = root === null ? { version: null, mistakes: [] } : await releaseVersion(root, options.version);
  const notes = await readNotes(options.notes);
  const declared = readStrategy(options.strategy, application);
  const hotfix = readHotfix(options);
  const staging = await readEnvironment(application, "staging", readStack);
  const production = await readEnvironment(application, "production", readStack);
  const all = [diagnostics, version.mistakes, notes.mistakes, declared.mistakes, hotfix.mistakes, staging.mistakes, production.mistakes].flat();
  // A package.json is read for the application and for the version.
  const mistakes = [...new Map(all.map((each) => [`${each.path} ${each.message}`, each])).values()];
  if (root === null || application === null || version.version === null || declared.value === null || staging.value === null || production.value === null || mistakes.length > 0) {
    throw new UserError(EXIT.usage, `"${codebase}" cannot be deployed:`, mistakes);
  }
  return {
    id: missionId(application.name, version.version, new Date()),
    codebase: root,
    application,
    version: version.version,
    notes: notes.value,
    strategy: resolveStrategy(declared.value, timingOf(production.value.settings).bake),
    hotfix: hotfix.value,
    ...(options.key === undefined ? {} : { key: options.key }),
    pause: options.pause ?? false,
    confirmed: options.confirmed ?? [],
    waived: options.waived ?? {},
    by: who(),
    staging: staging.value,
    production: production.value,
  };
}

async function readNotes(path: string | undefined): Promise<Read<string>> {
  if (path === undefined) return { value: null, mistakes: [] };
  const refuse = (message: string): Read<string> => ({ value: null, mistakes: [{ path: "--notes", message: `is ${show(path)}, ${message}` }] });
  try {
    const file = await open(path, "r");
    try {
      const buffer = Buffer.alloc(NOTES_LIMIT + 1);
      let length = 0;
      for (let read = 1; read > 0 && length < buffer.length; length += read) ({ bytesRead: read } = await file.read(buffer, length, buffer.length - length));
      if (length > NOTES_LIMIT) return refuse(`which has more than ${NOTES_LIMIT.toLocaleString("en")} bytes (64 KiB); shorten it.`);
      return { value: new TextDecoder("utf-8", { fatal: true }).decode(buffer.subarray(0, length)), mistakes: [] };
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof TypeError) return refuse("which is not text in UTF-8; write it as such.");
    return refuse(errorCode(error) === "ENOENT" ? "which does not exist; correct the path." : `which cannot be read (${errorCode(error) ?? String(error)}); name a readable file.`);
  }
}

function readStrategy(name: string | undefined, application: Application | null): Read<DeclaredStrategy> {
  if (name === undefined) return { value: application?.strategy ?? null, mistakes: [] };
  const known = STRATEGY_NAMES.find((each) => each === name);
  return known === undefined ? { value: null, mistakes: [{ path: "--strategy", message: `is ${show(name)}; allowed is ${STRATEGY_NAMES.join(", ")}.` }] } : { value: known, mistakes: [] };
}

function readHotfix({ hotfix = false, reason }: SubjectOptions): Read<Hotfix> {
  const text = reason?.trim() ?? "";
  if (!hotfix) return { value: null, mistakes: reason === undefined ? [] : [{ path: "--reason", message: "is given without --hotfix; add --hotfix or leave it out." }] };
  if (text === "") return { value: null, mistakes: [{ path: "--reason", message: "is missing; a hotfix leaves out gates, so say why, such as --reason \"payments fail\"." }] };
  return { value: { reason: text, by: who() }, mistakes: [] };
}

/** Without an application nobody knows which stacks are meant. */
async function readEnvironment(application: Application | null, environment: EnvironmentName, readStack: ReadStack): Promise<Read<MissionEnvironment>> {
  if (application === null) return { value: null, mistakes: [] };
  const stack = stackName(application, environment);
  const file = `Pulumi.${stack}.yaml`;
  try {
    const { settings, diagnostics, secrets } = await readStack({ stack, environment });
    const mistakes = settings === null ? diagnostics : [...settingsMistakes(settings, environment), ...environmentMistakes(withoutRelease(settings), secrets), ...windowMistakes(settings.window)];
    return { value: settings === null ? null : { environment, stack, settings }, mistakes: mistakes.map(({ path, message }) => ({ path: `${file}: ${path}`, message })) };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { value: null, mistakes: [{ path: file, message: error.message.replace(/^"[^"]*" /, "") }] };
  }
}

function settingsMistakes({ environment: seen }: EnvironmentSettings, environment: EnvironmentName): Diagnostic[] {
  return seen === environment ? [] : [{ path: "mission:environment", message: `is "${seen}", but mission.yaml names this stack for ${environment}; correct one of the two.` }];
}

/** The release in the file is an earlier one. */
function withoutRelease(settings: EnvironmentSettings): EnvironmentSettings {
  const { release: _earlier, ...rest } = settings;
  return rest;
}
