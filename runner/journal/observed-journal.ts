import type { JournalLine, MissionJournal } from "../mission/journal-port.js";

/** Hears of each line once it is on disk; must not throw. */
export type LineObserver = (line: JournalLine, seq: number) => void;

/** A journal that tells observers of each new line: progress for a person, notifications. They hear of it only once it is on disk. */
export class ObservedJournal implements MissionJournal {
  constructor(
    private readonly journal: MissionJournal,
    /** Done before the line counts as written. @throws when the store does not take it */
    private readonly acknowledge: () => Promise<void>,
    private readonly observers: readonly LineObserver[],
  ) {}

  lines(): readonly JournalLine[] {
    return this.journal.lines();
  }

  async append(line: JournalLine): Promise<void> {
    await this.journal.append(line);
    await this.acknowledge();
    const seq = this.journal.lines().length - 1;
    for (const observe of this.observers) observe(line, seq);
  }
}
