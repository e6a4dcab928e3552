import type { Json } from "../mission/journal-port.js";
import type { GateResult } from "../../model/verdict.js";
import type { EvidenceReference } from "../../model/evidence.js";
import { PREDICATE } from "../../evidence/predicate-types.js";
import { recordEvidence, type EvidenceDesk } from "../evidence/record-evidence.js";
import { releaseClaim } from "../gates/release-claim.js";
import { releaseOf, type MissionContext } from "./mission-context.js";

/** Signs what staging has shown: a verification summary of this very release, and the drill when there was one. */
export async function provedInStaging(context: MissionContext, evidence: EvidenceDesk, drill: GateResult | null): Promise<readonly GateResult[]> {
  const { subject, steps } = context;
  const released = { ...subject, release: releaseOf(context) };
  const references: EvidenceReference[] = [];
  if (drill !== null) references.push(await recordEvidence(evidence, releaseClaim(released, PREDICATE.rollbackDrill, { ...drill.measured, verdict: drill.verdict }, "staging")));
  const plan = steps.recorded("plan/document") as { readonly digest?: string } | undefined;
  const summary: Json = {
    verifier: { id: "urn:mission-deploy:staging:v1" },
    timeVerified: new Date().toISOString(),
    resourceUri: `urn:mission-deploy:release:${released.release.application}:${released.release.version}`,
    policy: { uri: "urn:mission-deploy:staging-gates:v1" },
    inputAttestations: references.map(({ sha256 }) => ({ digest: { sha256 } })),
    verificationResult: "PASSED",
    verifiedLevels: [],
    missionDeploy_plan: plan?.digest ?? null,
  };
  references.push(await recordEvidence(evidence, releaseClaim(released, PREDICATE.verificationSummary, summary as Readonly<Record<string, unknown>>, "staging")));
  const drilled = drill === null ? "there was no drill: nothing to go back to, or the release was live in staging already" : `the drill took traffic back in ${String(drill.measured["backMs"])} ms`;
  return [{ gate: "staging-verified", verdict: "PASS", summary: `Staging has proved ${released.release.application} ${released.release.version}; ${drilled}. It is signed.`, details: [], measured: { drill: drill !== null }, evidence: references }];
}
