import { evidenceReferenceSchema, type EvidenceReference } from "../../model/evidence.js";
import type { GateResult } from "../../model/verdict.js";
import type { Json } from "./journal-port.js";

const VERDICTS: readonly unknown[] = ["PASS", "FAIL", "INCONCLUSIVE", "ERROR"];

/** The gates that a recorded value is a list of; none where it is anything else, or an empty list. What a journal of another version lacks is filled with nothing. */
export function recordedGates(value: Json | undefined): readonly GateResult[] {
  if (!Array.isArray(value) || value.length === 0 || !value.every(isGate)) return [];
  return (value as readonly Readonly<Record<string, unknown>>[]).map((each) => ({
    gate: String(each["gate"]),
    verdict: each["verdict"] as GateResult["verdict"],
    summary: typeof each["summary"] === "string" ? each["summary"] : "",
    details: Array.isArray(each["details"]) ? each["details"].map(String) : [],
    measured: isObject(each["measured"]) ? (each["measured"] as GateResult["measured"]) : {},
    ...(Array.isArray(each["evidence"]) ? { evidence: (each["evidence"] as GateResult["evidence"] & object).filter((one) => isObject(one)) } : {}),
  }));
}

/** What the gates in some recorded values that passed have signed, each once, in their order. */
export function recordedEvidence(values: Iterable<Json | undefined>): readonly EvidenceReference[] {
  const references = new Map<string, EvidenceReference>();
  for (const value of values) {
    for (const { verdict, evidence = [] } of recordedGates(value)) {
      for (const each of verdict === "PASS" ? evidence : []) {
        const reference = evidenceReferenceSchema.safeParse(each);
        if (reference.success) references.set(reference.data.sha256, reference.data);
      }
    }
  }
  return [...references.values()];
}

function isGate(value: unknown): boolean {
  return isObject(value) && typeof value["gate"] === "string" && VERDICTS.includes(value["verdict"]);
}

/** Whether something is an object with keys. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
