import type { JournalLine, MissionJournal } from "../mission/journal-port.js";

/**
 * Ends this process with SIGKILL at one boundary of its journal when `MISSION_TEST` is 1 and `MISSION_TEST_KILL_AT` names it: boundary 2k is just before the
 * k-th line that this process writes is on disk, 2k+1 just after; k counts from 0. Otherwise the journal is returned as it is.
 */
export function killPoint(journal: MissionJournal): MissionJournal {
  const killAt = process.env["MISSION_TEST"] === "1" ? (process.env["MISSION_TEST_KILL_AT"] ?? "") : "";
  return /^\d+$/.test(killAt) ? new KilledJournal(journal, Number(killAt)) : journal;
}

class KilledJournal implements MissionJournal {
  #boundary = 0;

  constructor(
    private readonly journal: MissionJournal,
    private readonly killAt: number,
  ) {}

  lines(): readonly JournalLine[] {
    return this.journal.lines();
  }

  async append(line: JournalLine): Promise<void> {
    this.#pass();
    await this.journal.append(line);
    this.#pass();
  }

  #pass(): void {
    if (this.#boundary === this.killAt) process.kill(process.pid, "SIGKILL");
    this.#boundary += 1;
  }
}
