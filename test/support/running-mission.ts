import { spawn, type ChildProcess } from "node:child_process";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { JournalLine } from "../../runner/mission/journal-port.js";
import type { Finished, MissionProject } from "./mission-project.js";
import { eventually } from "./process-table.js";

/** A command of a mission that runs, to be signalled, and looked at through its journal. */
export class RunningMission {
  readonly ended: Promise<Finished>;
  #all = "";
  #ended = false;
  readonly #known: ReadonlySet<string>;

  private constructor(
    private readonly project: MissionProject,
    readonly child: ChildProcess,
  ) {
    this.#known = new Set(this.#missions());
    child.stdout?.setEncoding("utf8").on("data", (text: string) => (this.#all += text));
    child.stderr?.setEncoding("utf8").on("data", (text: string) => (this.#all += text));
    this.ended = new Promise((resolve, reject) => {
      child.on("error", reject);
      child.on("exit", (code, signal) => {
        this.#ended = true;
        setTimeout(() => resolve({ code: code ?? (signal === null ? 1 : 137), stdout: "", stderr: this.#all, all: this.#all }), 20);
      });
    });
  }

  static start(project: MissionProject, args: readonly string[], environment: NodeJS.ProcessEnv = {}): RunningMission {
    const child = spawn(process.execPath, [join(project.root, "dist", "runner", "cli", "main.js"), ...args], { cwd: project.root, env: { ...project.environment(), ...environment }, stdio: ["ignore", "pipe", "pipe"] });
    return new RunningMission(project, child);
  }

  /** The mission that began since this command was started. */
  id(): string {
    const found = this.#missions().find((each) => !this.#known.has(each));
    if (found === undefined) throw new Error(`No mission has begun: ${this.#all}`);
    return found;
  }

  /** Its journal as it is on disk. */
  lines(): readonly JournalLine[] {
    return linesOf(this.project, this.id());
  }

  /** Waits until a line of this kind and name is in its journal. */
  async reached(kind: JournalLine["kind"], id: string): Promise<void> {
    await eventually(`${kind} ${id}`, () => {
      if (this.#missions().every((each) => this.#known.has(each))) return this.#failIfEnded();
      return this.lines().some((line) => line.kind === kind && line.id === id) || this.#failIfEnded();
    }, 240_000);
  }

  signal(name: NodeJS.Signals): void {
    this.child.kill(name);
  }

  #failIfEnded(): false {
    if (this.#ended) throw new Error(`It has ended: ${this.#all}`);
    return false;
  }

  #missions(): readonly string[] {
    const directory = join(this.project.home, "store", "missions");
    return existsSync(directory) ? readdirSync(directory) : [];
  }
}

/** A mission's journal as it is on disk; a line that is being written is left out. */
export function linesOf(project: MissionProject, id: string): readonly JournalLine[] {
  return journalText(project, id)
    .split("\n")
    .slice(0, -1)
    .map((text) => (JSON.parse(text) as { line: JournalLine }).line);
}

/** A mission's journal, byte for byte; empty when there is none yet. */
export function journalText(project: MissionProject, id: string): string {
  const file = join(project.home, "store", "missions", id, "journal.jsonl");
  return existsSync(file) ? readFileSync(file, "utf8") : "";
}
