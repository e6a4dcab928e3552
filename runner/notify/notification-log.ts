import { appendFile, mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Delivery } from "../../delivery/deliver.js";
import type { MissionEvent } from "./mission-news.js";

/** What became of one piece of news at one target. */
export interface NotificationRecord extends Delivery {
  /** Number of the journal's line that is the news. */
  readonly seq: number;
  readonly event: MissionEvent;
  /** Names the target without what may be secret in it. */
  readonly target: string;
  /** When it was known, ISO 8601. */
  readonly at: string;
}

/** The append-only `notifications.jsonl` of a mission. Nothing of it throws: that news cannot be recorded must not stop a mission; they are then told again at a resume. */
export class NotificationLog {
  readonly #path: string;
  readonly #records: NotificationRecord[];
  #torn: boolean;
  #writes: Promise<unknown> = Promise.resolve();

  private constructor(path: string, records: NotificationRecord[], torn: boolean) {
    this.#path = path;
    this.#records = records;
    this.#torn = torn;
  }

  /** Of a folder, which is made when it is not there. Lines that are not understood, such as half a last one, are left out. */
  static async open(folder: string): Promise<NotificationLog> {
    const path = join(folder, "notifications.jsonl");
    await mkdir(folder, { recursive: true, mode: 0o700 }).catch(() => undefined);
    const text = await readFile(path, "utf8").catch(() => "");
    return new NotificationLog(path, parseNotifications(text), text !== "" && !text.endsWith("\n"));
  }

  /** Oldest first. */
  get records(): readonly NotificationRecord[] {
    return this.#records;
  }

  add(record: NotificationRecord): void {
    this.#records.push(record);
    const line = `${this.#torn ? "\n" : ""}${JSON.stringify(record)}\n`;
    this.#torn = false;
    this.#writes = this.#writes.then(() => appendFile(this.#path, line, { mode: 0o600 })).catch(() => undefined);
  }

  /** Resolves when everything is written that can be. */
  async written(): Promise<void> {
    await this.#writes;
  }
}

/** The records in the text of a `notifications.jsonl`; lines that are none are left out. */
export function parseNotifications(text: string): NotificationRecord[] {
  return text.split("\n").flatMap((line) => {
    try {
      const value = JSON.parse(line) as Partial<NotificationRecord> | null;
      const whole = typeof value?.seq === "number" && typeof value.target === "string" && typeof value.event === "string" && typeof value.where === "string" && typeof value.ok === "boolean";
      return whole ? [value as NotificationRecord] : [];
    } catch {
      return [];
    }
  });
}
