import { ArtifactStore } from "../../artifacts/store.js";
import { artifactsDirectory, missionHome } from "../../sandbox/home.js";
import { directoryEvidenceStore } from "../evidence/evidence-store.js";
import { MISSION_TYPES } from "../../evidence/roles.js";
import { DEVELOPMENT } from "../evidence/keys.js";
import { keyFor } from "../evidence/named-keys.js";
import type { FileJournal } from "../journal/file-journal.js";
import type { HeldLeases } from "../mission/hold-leases.js";
import { Requests } from "../mission/requests.js";
import { Herald } from "../notify/herald.js";
import { openAdapter } from "../platforms/open-adapter.js";
import { writeReport } from "../report/write-report.js";
import type { MissionFolder } from "../store/mission-folder.js";
import { StaleLease } from "../store/mission-store.js";
import { evidenceDirectory, openStore } from "../store/open-store.js";
import { missionPartsOf } from "./mission-parts-of.js";
import { performMission, type Performed } from "./perform-mission.js";

/** How long notifications may still take when everything else is over, milliseconds. */
const LAST_WORDS_MS = 10_000;

/** A mission in its folder, begun or gone on with, and who hears of it. */
export interface CarryOut {
  readonly folder: MissionFolder;
  readonly journal: FileJournal;
  readonly leases: HeldLeases;
  readonly say: (line: string) => void;
  /** Gets each line of the journal that is new. */
  readonly observe: (line: ReturnType<FileJournal["lines"]>[number]) => void;
  /** Gets what the codebase's commands and the engine print. */
  readonly onOutput: (text: string) => void;
}

/** Carries out a mission on its real stacks, tells people, and writes its report, also when it ends by an error. */
export async function carryOut({ folder, journal, leases, say, observe, onOutput }: CarryOut): Promise<Performed> {
  const { subject } = folder;
  const store = openStore();
  const evidence = { store: directoryEvidenceStore(evidenceDirectory()), key: await keyFor(subject.key ?? DEVELOPMENT, MISSION_TYPES) };
  const adapters = { staging: await openAdapter(subject.staging.stack), production: await openAdapter(subject.production.stack) };
  const requests = new Requests(folder.path("requests"));
  const herald = await Herald.open(subject, { folder: folder.directory, directory: missionHome() });
  journal.lines().forEach((line, seq) => herald.observe(line, seq));
  let ours = true;
  try {
    return await performMission({
      folder,
      journal,
      leases,
      say,
      observers: [(line, seq) => herald.observe(line, seq), (line) => observe(line)],
      parts: (steps, control) => missionPartsOf({ subject, folder, requests, store, artifacts: new ArtifactStore(artifactsDirectory()), adapters, steps, control, say, onOutput }, evidence),
    });
  } catch (error) {
    ours = !(error instanceof StaleLease);
    throw error;
  } finally {
    await herald.settle(LAST_WORDS_MS);
    // Whoever has taken the mission over writes its report.
    if (ours) await writeReport(folder);
  }
}
