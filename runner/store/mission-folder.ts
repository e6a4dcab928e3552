import { existsSync } from "node:fs";
import { mkdir, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { canonicalJson, digestOf } from "../../model/digest.js";
import { EXIT, UserError } from "../errors.js";
import { FileJournal, readJournal, BrokenJournal } from "../journal/file-journal.js";
import type { Head } from "../journal/chain.js";
import type { MissionRecord } from "../mission/mission-record.js";
import type { MissionSubject } from "../mission/subject.js";
import { replaceFile } from "../replace-file.js";
import { storeDirectory } from "./open-store.js";

/*
 *   <store>/missions/<id>/subject.json      what the mission is about; its digest is in the journal's first line
 *                        journal.jsonl      what happened, hash-chained
 *                        head.json          number and hash of the last line that was acknowledged
 *                        requests/          what people ask of it: roll-back.json, approve.json
 *                        plan.md, report.md, report.json, post-mortem.md, notifications.jsonl
 */

/** One mission's folder in the mission store. */
export class MissionFolder {
  private constructor(
    readonly directory: string,
    readonly subject: MissionSubject,
  ) {}

  /** Makes the folder of a new mission and begins its journal. */
  static async create(subject: MissionSubject, root = missionsDirectory()): Promise<{ readonly folder: MissionFolder; readonly journal: FileJournal }> {
    const directory = join(root, subject.id);
    await mkdir(join(directory, "requests"), { recursive: true, mode: 0o700 });
    const text = canonicalJson(subject);
    await replaceFile(join(directory, "subject.json"), `${text}\n`);
    const folder = new MissionFolder(directory, subject);
    const journal = await FileJournal.create(folder.path("journal.jsonl"));
    await journal.append({ kind: "start", id: subject.id, application: subject.application.name, version: subject.version, by: subject.by, subject: digestOf(text) });
    return { folder, journal };
  }

  /** @throws UserError (usage) when there is none; (refused) when it is not what was written */
  static async open(id: string, root = missionsDirectory()): Promise<MissionFolder> {
    const directory = join(root, id);
    if (!/^[a-z0-9][a-z0-9.-]*$/.test(id) || !existsSync(join(directory, "subject.json"))) {
      throw new UserError(EXIT.usage, `There is no mission "${id}"; ./mission history lists those that there are.`);
    }
    const text = (await readFile(join(directory, "subject.json"), "utf8")).trimEnd();
    const folder = new MissionFolder(directory, parsed(directory, text));
    const { lines } = await readJournal(folder.path("journal.jsonl"));
    if (lines[0]?.line["subject"] !== digestOf(text)) throw new BrokenJournal(folder.path("journal.jsonl"), 1, "belongs to another subject.json than the one beside it");
    return folder;
  }

  get id(): string {
    return this.subject.id;
  }

  path(name: string): string {
    return join(this.directory, name);
  }

  /** The journal, to go on with. @throws BrokenJournal, also when lines that were acknowledged are gone */
  async openJournal(): Promise<FileJournal> {
    const journal = await FileJournal.open(this.path("journal.jsonl"));
    const head = await this.#head();
    const known = await readJournal(this.path("journal.jsonl"));
    if (head !== null && known.lines[head.seq]?.hash !== head.hash) {
      await journal.close();
      throw new BrokenJournal(this.path("journal.jsonl"), head.seq + 1, "is missing or not the one that was acknowledged: the journal was cut or replaced");
    }
    return journal;
  }

  /** Remembers the last line that is on disk, so that a journal that is cut later is noticed. */
  async saveHead(head: Head): Promise<void> {
    await replaceFile(this.path("head.json"), JSON.stringify(head));
  }

  /** Everything that is known of it; changes nothing. @throws BrokenJournal */
  async record(): Promise<MissionRecord> {
    return { subject: this.subject, lines: (await readJournal(this.path("journal.jsonl"))).lines };
  }

  async #head(): Promise<Head | null> {
    const text = await readFile(this.path("head.json"), "utf8").catch(() => null);
    return text === null ? null : (JSON.parse(text) as Head);
  }
}

/** Missions by id. */
export function missionsDirectory(): string {
  return join(storeDirectory(), "missions");
}

/** The ids of all missions, oldest first. */
export async function missionIds(root = missionsDirectory()): Promise<readonly string[]> {
  if (!existsSync(root)) return [];
  const begun = await Promise.all((await readdir(root)).map(async (id) => ({ id, at: await beginOf(join(root, id, "journal.jsonl")) })));
  return begun.filter(({ at }) => at !== null).sort((a, b) => ((a.at ?? "") < (b.at ?? "") ? -1 : 1)).map(({ id }) => id);
}

/** When a journal began; null for one that has no line yet. */
async function beginOf(file: string): Promise<string | null> {
  const first = (await readFile(file, "utf8").catch(() => "")).split("\n", 1)[0] ?? "";
  try {
    return (JSON.parse(first) as { at: string }).at;
  } catch {
    return null;
  }
}

function parsed(directory: string, text: string): MissionSubject {
  try {
    return JSON.parse(text) as MissionSubject;
  } catch {
    throw new UserError(EXIT.refused, `"${join(directory, "subject.json")}" is not what was written there; nothing was done.`);
  }
}
