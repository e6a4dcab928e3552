import type { EvidenceReference } from "../../model/evidence.js";
import type { Release } from "../../model/release.js";
import type { Observed } from "../../model/rollout.js";
import type { GateResult, Verdict } from "../../model/verdict.js";
import type { EvidenceStore } from "../evidence/evidence-store.js";
import { PREDICATE_ENVIRONMENT } from "../../evidence/predicate-types.js";
import { verifyEvidence, type TrustedKey } from "../../evidence/verify-evidence.js";
import { stateOf } from "./find-mission.js";
import type { MissionRecord } from "./mission-record.js";
import { recordedGates } from "./recorded-gates.js";

/** What a mission's record is held against. */
export interface Verification {
  readonly record: MissionRecord;
  readonly evidence: EvidenceStore;
  readonly trusted: readonly TrustedKey[];
  /** What production's platform says now; null when a later mission has worked there. */
  readonly production: Observed | null;
  readonly now: Date;
}

/** Holds a mission's record against its signed evidence and against what the platform shows: one result for each, nothing is taken on trust. */
export async function verifyMission(verification: Verification): Promise<readonly GateResult[]> {
  const { record } = verification;
  const ended = stateOf(record);
  const chain = result("journal", "PASS", `All ${record.lines.length} lines follow each other by their hashes; ${ended === null ? "the mission has not ended" : `it ended ${ended}`}.`);
  return [chain, await evidenceOf(verification), ...live(verification)];
}

async function evidenceOf({ record, evidence, trusted, now }: Verification): Promise<GateResult> {
  const release = record.lines.find(({ line }) => line.kind === "result" && line.id === "validate/release")?.line["value"] as unknown as Release | null | undefined;
  const references = record.lines.flatMap(({ line }) => (line.kind === "result" ? recordedGates(line["value"] ?? null).flatMap((gate) => gate.evidence ?? []) : []));
  const distinct = [...new Map(references.map((reference) => [reference.sha256, reference])).values()];
  if (distinct.length === 0 || release == null) return result("evidence", "INCONCLUSIVE", "The mission has recorded no evidence.");
  const problems = (await Promise.all(distinct.map((reference) => problemsOf(reference, release, record, evidence, trusted, now)))).flat();
  return problems.length === 0
    ? result("evidence", "PASS", `All ${distinct.length} signed statements are what was recorded, about this release and this mission.`)
    : result("evidence", "FAIL", problems[0] ?? "", problems.slice(1));
}

async function problemsOf(reference: EvidenceReference, release: Release, record: MissionRecord, store: EvidenceStore, trusted: readonly TrustedKey[], now: Date): Promise<readonly string[]> {
  const stored = await store.get(reference);
  if (!stored.ok) return [stored.problem];
  const expected = {
    type: reference.type,
    subjects: Object.fromEntries(Object.entries(release.services).map(([service, { digest }]) => [service, digest])),
    application: release.application,
    environment: PREDICATE_ENVIRONMENT[reference.type] ?? null,
    commit: release.commit,
    configuration: null,
    mission: record.subject.id,
  };
  const verdict = verifyEvidence(reference, stored.bytes, expected, trusted, now);
  return verdict.problems.map(({ message }) => message);
}

function live({ record, production }: Verification): readonly GateResult[] {
  const release = record.lines.find(({ line }) => line.kind === "result" && line.id === "validate/release")?.line["value"] as unknown as Release | null | undefined;
  if (production === null || stateOf(record) !== "succeeded" || release == null) return [];
  const wrong = Object.entries(release.services).flatMap(([service, { digest }]) => {
    const now = production[service];
    const held = now?.live == null ? null : now.slots[now.live];
    return held?.spec.digest === digest && held.spec.version === release.version ? [] : [`Service "${service}" serves ${held?.spec.version ?? "nothing"}, which is not what this mission brought.`];
  });
  return [wrong.length === 0 ? result("platform", "PASS", `Production serves ${release.version} with the digests that were tested.`) : result("platform", "FAIL", wrong[0] ?? "", wrong.slice(1))];
}

function result(gate: string, verdict: Verdict, summary: string, details: readonly string[] = []): GateResult {
  return { gate, verdict, summary, details, measured: {} };
}
