import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { ChainedLine } from "../../runner/journal/chain.js";
import type { JournalLine } from "../../runner/mission/journal-port.js";
import type { Report } from "../../runner/report/report.js";
import type { Finished, MissionProject } from "./mission-project.js";
import { processesOf } from "./serving.js";

/** A mission as its folder shows it. */
export class MissionFiles {
  constructor(readonly directory: string) {}

  get id(): string {
    return this.directory.slice(this.directory.lastIndexOf("/") + 1);
  }

  /** The journal's lines that are whole; none before it was begun. */
  lines(): JournalLine[] {
    const text = this.read("journal.jsonl");
    return text
      .slice(0, text.lastIndexOf("\n") + 1)
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => (JSON.parse(line) as ChainedLine).line);
  }

  /** The names of the steps that were begun, or done, in this order. */
  steps(kind: "intent" | "result"): string[] {
    return this.lines().flatMap((line) => (line.kind === kind ? [line.id] : []));
  }

  report(): Report {
    return JSON.parse(this.read("report.json")) as Report;
  }

  /** One of its files; empty when it is not there. */
  read(name: string): string {
    const file = join(this.directory, name);
    return existsSync(file) ? readFileSync(file, "utf8") : "";
  }
}

/** A mission that has ended, and how its command did. */
export interface Watched extends Finished {
  readonly mission: MissionFiles;
}

/**
 * Runs `mission deploy` and reads along in its journal.
 * @param onLine gets each line within some 20 ms of its being written
 * @throws Error when the command made no mission
 */
export async function deploy(project: MissionProject, args: readonly string[], onLine: (line: JournalLine) => void = () => undefined): Promise<Watched> {
  const missions = join(project.home, "store", "missions");
  const folders = () => (existsSync(missions) ? readdirSync(missions) : []);
  const known = new Set(folders());
  const newest = () => folders().find((name) => !known.has(name));
  let seen = 0;
  const readAlong = () => {
    const name = newest();
    if (name === undefined) return;
    const lines = new MissionFiles(join(missions, name)).lines();
    for (const line of lines.slice(seen)) onLine(line);
    seen = lines.length;
  };
  const timer = setInterval(readAlong, 20);
  const finished = await project.mission("deploy", ...args).finally(() => clearInterval(timer));
  readAlong();
  const name = newest();
  if (name === undefined) throw new Error(`There is no mission; the command exited with ${finished.code}:\n${finished.all}`);
  return { ...finished, mission: new MissionFiles(join(missions, name)) };
}

/** Sets one value of a stack's configuration as a person would; `key` such as `mission:bake` or `mission:variables.MODE`. */
export function configure(project: MissionProject, stack: string, key: string, value: string): Promise<Finished> {
  return project.must("pulumi", "config", "set", "--path", key, value, "--stack", stack);
}

/** What a mission that changes nothing leaves as it is: generations, traffic, and every process of every slot with the moment it was started. */
export async function untouchable(project: MissionProject, stack: string): Promise<string> {
  const { supervisor, router, database, services } = await project.sandbox(stack);
  const slots = Object.entries(services).map(([name, { generation, live, split, slots: { blue, green } }]) => [name, generation, live, split, processesOf(blue), processesOf(green)]);
  return JSON.stringify([supervisor, router, database, slots]);
}

/** The version that has all traffic of a service; null when none has. */
export async function servedVersion(project: MissionProject, stack: string, service = "web"): Promise<string | null> {
  const { live, split, slots } = (await project.sandbox(stack)).services[service] ?? {};
  return live == null || split?.[live] !== 100 ? null : (slots?.[live].spec?.version ?? null);
}
