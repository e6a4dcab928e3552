import { join } from "node:path";
import { EXIT, UserError, type ExitCode } from "../../errors.js";
import { MISSION_TYPES } from "../../../evidence/roles.js";
import { keyFor } from "../../evidence/named-keys.js";
import { holdLeases, type HeldLeases } from "../../mission/hold-leases.js";
import { findUnfinished, stacksOf, unfinishedMissions, type FoundMission } from "../../mission/find-mission.js";
import { readSubject, type SubjectOptions } from "../../mission/read-subject.js";
import { beginMission } from "../../phases/begin-mission.js";
import { carryOut } from "../../phases/carry-out.js";
import type { Performed } from "../../phases/perform-mission.js";
import { MissionFolder } from "../../store/mission-folder.js";
import { openStore } from "../../store/open-store.js";
import { progressOf } from "../progress.js";
import { sayStillRunning } from "../still-running.js";
import type { Terminal } from "../terminal.js";

/** Options of `mission deploy`. */
export interface DeployOptions extends SubjectOptions {
  /** Brings back a mission that stands in the way. */
  readonly supersede?: boolean | undefined;
  /** Show what the codebase's commands and the engine print. */
  readonly verbose?: boolean | undefined;
  /** Print the report as JSON. */
  readonly json?: boolean | undefined;
}

/** Takes a codebase through all phases, to users. */
export async function deploy(codebase: string, options: DeployOptions, terminal: Terminal): Promise<void> {
  if (options.key !== undefined) await keyFor(options.key, MISSION_TYPES);
  const subject = await readSubject(codebase, options);
  const leases = await beginMission({
    store: openStore(),
    subject,
    supersede: options.supersede === true,
    say: (line) => terminal.say(line),
    unfinished: unfinishedMissions,
    bringBack: async (mission, held) => void (await goOn(mission, held, options, terminal)),
  });
  try {
    const { folder, journal } = await MissionFolder.create(subject);
    for (const line of journal.lines().flatMap(progressOf)) terminal.say(line);
    await sayHowItEnded(folder, await carryOut({ folder, journal, leases, ...voices(options, terminal) }), options, terminal);
  } finally {
    await leases.release();
  }
}

/** Goes on with a mission that was stopped or cut off. */
export async function resume(what: string | undefined, options: Pick<DeployOptions, "verbose" | "json">, terminal: Terminal): Promise<void> {
  const mission = await findUnfinished(what);
  const leases = await holdLeases(openStore(), stacksOf(mission.record), mission.folder.id);
  try {
    await sayHowItEnded(mission.folder, await goOn(mission, leases, options, terminal), options, terminal);
  } finally {
    await leases.release();
  }
}

/** Goes on with a mission whose environments are held. */
export async function goOn({ folder }: FoundMission, leases: HeldLeases, options: Pick<DeployOptions, "verbose">, terminal: Terminal): Promise<Performed> {
  terminal.say(`Mission ${folder.id} goes on.`);
  const journal = await folder.openJournal();
  return carryOut({ folder, journal, leases, ...voices(options, terminal) });
}

function voices({ verbose }: Pick<DeployOptions, "verbose">, terminal: Terminal) {
  return {
    say: (line: string) => terminal.say(line),
    observe: (line: Parameters<typeof progressOf>[0]) => {
      for (const words of progressOf(line)) terminal.say(words);
    },
    onOutput: (text: string) => {
      if (verbose === true) process.stderr.write(text);
    },
  };
}

/** Says where the report is, what goes on running, and sets the exit code that is documented for the outcome. */
export async function sayHowItEnded(folder: MissionFolder, performed: Performed, { json }: Pick<DeployOptions, "json">, terminal: Terminal): Promise<void> {
  const { subject } = folder;
  if (performed.kind === "stopped") {
    terminal.say(`\nThe mission has stopped at a safe point: what served before serves. Go on with: ./mission resume ${folder.id}   or bring it back: ./mission rollback ${folder.id}`);
    process.exitCode = EXIT.interrupted;
    return;
  }
  terminal.say(`Report: ${folder.path("report.md")}${performed.outcome.state === "succeeded" ? "" : `   post-mortem, a draft: ${folder.path("post-mortem.md")}`}`);
  if (json === true) terminal.print(await (await import("node:fs/promises")).readFile(join(folder.directory, "report.json"), "utf8"));
  for (const stack of stacksOf({ subject })) sayStillRunning(stack, terminal);
  process.exitCode = exitCodeOf(performed.outcome.state);
}

function exitCodeOf(state: "succeeded" | "rolled-back" | "failed-safe" | "refused"): ExitCode {
  switch (state) {
    case "succeeded":
      return EXIT.ok;
    case "refused":
      return EXIT.refused;
    case "rolled-back":
    case "failed-safe":
      return EXIT.failed;
  }
}

/** `id=reason` as a person types it. @throws UserError (usage) */
export function parseWaivers(texts: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    texts.map((text) => {
      const at = text.indexOf("=");
      if (at <= 0 || text.slice(at + 1).trim() === "") throw new UserError(EXIT.usage, `--waive is "${text}"; allowed is the id of a checklist item and why it is waived, such as --waive load-test="no new routes".`);
      return [text.slice(0, at), text.slice(at + 1).trim()] as const;
    }),
  );
}
