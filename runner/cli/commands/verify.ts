import { directoryEvidenceStore } from "../../evidence/evidence-store.js";
import { knownKeys } from "../../evidence/trusted-keys.js";
import { EXIT } from "../../errors.js";
import { allMissions, stacksOf } from "../../mission/find-mission.js";
import { verifyMission } from "../../mission/verify-mission.js";
import { openAdapter } from "../../platforms/open-adapter.js";
import { MissionFolder } from "../../store/mission-folder.js";
import { evidenceDirectory } from "../../store/open-store.js";
import type { Terminal } from "../terminal.js";

/** Checks a mission's record: the chain of its journal, its signed evidence, and what the platform shows of it. Ends with 5 when anything is not as recorded. */
export async function verify(id: string, json: boolean, terminal: Terminal): Promise<void> {
  const folder = await MissionFolder.open(id);
  const record = await folder.record();
  const { stack } = record.subject.production;
  const last = (await allMissions()).filter((each) => stacksOf(each.record).includes(stack)).at(-1);
  const results = await verifyMission({
    record,
    evidence: directoryEvidenceStore(evidenceDirectory()),
    trusted: await knownKeys(),
    production: last?.folder.id === id ? await (await openAdapter(stack)).describe() : null,
    now: new Date(),
  });
  if (json) terminal.print(JSON.stringify(results, null, 2));
  else for (const { gate, verdict, summary, details } of results) for (const line of [`${verdict.padEnd(12)} ${gate}: ${summary}`, ...details.map((detail) => `             ${detail}`)]) terminal.print(line);
  if (results.some(({ verdict }) => verdict === "FAIL" || verdict === "ERROR")) process.exitCode = EXIT.refused;
}
