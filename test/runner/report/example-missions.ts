import { digestOf } from "../../../model/digest.js";
import type { MissionRecord } from "../../../runner/mission/mission-record.js";
import type { JournalLine } from "../../../runner/mission/journal-port.js";
import type { MissionSubject } from "../../../runner/mission/subject.js";
import { journalOf, startLine, subjectOf } from "../../support/missions.js";
import { releaseOf } from "../../support/specs.js";
import { MemoryMission } from "../mission/memory-mission.js";

/** What the judge would say of a candidate that is bad. */
export const BAD = {
  gate: "error-rate",
  verdict: "FAIL",
  summary: "12.4 % of the candidate's 500 requests failed; allowed are 1 %.",
  details: ["That is 12.4 percentage points more than the baseline's 0 %."],
  measured: { requests: 500, errors: 62, errorRate: 0.124, baselineErrorRate: 0, p95Ms: 48.25, baselineP95Ms: 45 },
} as const;

export interface Seen {
  readonly sent: number;
  readonly failed: number;
  readonly longestGapMs: number;
  readonly p95Ms: number | null;
  readonly byRelease: { readonly [release: string]: { readonly requests: number; readonly failed: number } };
}

/** What a client saw of a rollback. */
export const SEEN: Seen = { sent: 1_000, failed: 62, longestGapMs: 420, p95Ms: 51.5, byRelease: { "1.0.0": { requests: 700, failed: 0 }, "1.1.0": { requests: 300, failed: 62 } } };

/** Runs a mission in memory and gives its record, a line each second, with what the parts of a real mission add. */
export async function recordOf(mission: MemoryMission, { subject = {}, seen = [], killAt = Infinity }: { readonly subject?: Partial<MissionSubject>; readonly seen?: readonly Seen[]; readonly killAt?: number } = {}): Promise<MissionRecord> {
  for (const ground of [mission.staging, mission.production]) {
    const watch = ground.watch.bind(ground);
    ground.watch = async () => (await watch()).map((result) => (result.verdict === "FAIL" ? { ...result, ...BAD } : { ...result, measured: { requests: 500, errorRate: 0.001, baselineErrorRate: 0.001, p95Ms: 46, baselineP95Ms: 45 } }));
  }
  await mission.run(killAt);
  const about = subjectOf(subject);
  const lines = mission.journal.lines().flatMap((line): JournalLine[] => {
    if (line.kind === "result" && line.id === "validate/gates") return [{ kind: "result", id: "validate/release", value: JSON.parse(JSON.stringify({ ...releaseOf(about.version), commit: "a".repeat(40) })) as JournalLine[string] }, { ...line, value: withEvidence(line["value"]) }];
    if (line.kind === "result" && line.id === "plan/gates") return [{ kind: "result", id: "plan/document", value: { digest: digestOf("plan"), markdown: "# Plan", json: {} } }, line];
    if (line.kind === "terminal") return [...seen.map((detail): JournalLine => ({ kind: "note", id: "production/probed", detail: { ...detail } })), line];
    return [line];
  });
  return { subject: about, lines: journalOf([startLine(about), ...lines]) };
}

function withEvidence(value: JournalLine[string] | undefined): JournalLine[string] {
  return (value as readonly { readonly [key: string]: JournalLine[string] }[]).map((gate) => ({ ...gate, gate: "tests-passed", evidence: [{ type: "https://in-toto.io/attestation/test-result/v0.1", sha256: "e".repeat(64) }] })) as JournalLine[string];
}
