import { ArtifactError } from "../../artifacts/artifact-error.js";
import type { ArtifactStore } from "../../artifacts/store.js";
import { shortDigest } from "../../model/digest.js";
import { worstVerdict, type GateResult, type Verdict } from "../../model/verdict.js";
import { PREDICATE } from "../../evidence/predicate-types.js";
import { provenanceOf } from "../../evidence/predicates.js";
import { recordEvidence, type EvidenceDesk } from "../evidence/record-evidence.js";
import type { ReleasedSubject } from "../mission/subject.js";
import { releaseClaim } from "./release-claim.js";

export interface ArtifactBuiltOptions {
  readonly store: ArtifactStore;
  readonly evidence: EvidenceDesk;
}

/** Digests every stored artifact of the release once more, images excepted, which lie in a registry; when all are what the release says, states how they were built (SLSA provenance). */
export async function artifactBuilt(subject: ReleasedSubject, { store, evidence }: ArtifactBuiltOptions): Promise<GateResult> {
  const { release, application, id } = subject;
  const digests = [...new Set(Object.values(release.services).flatMap(({ digest, image }) => (image === undefined ? [digest] : [])))];
  const checked = new Map<string, Checked>();
  // One after another: each reads with all the concurrency that is good for a disk.
  for (const digest of digests) checked.set(digest, await check(store, digest));
  const services = Object.entries(release.services).map(([name, { digest, image }]) => ({ name, digest, image, ...(image !== undefined ? PUSHED : (checked.get(digest) ?? MISSING)) }));
  const bad = services.filter(({ verdict }) => verdict !== "PASS");
  const measured = { services: services.length, intact: services.length - bad.length };
  const details = services.map(({ name, digest, image, problem }) => (image !== undefined ? `Service "${name}" is image ${image}@${shortDigest(digest)}, as its build says that it pushed it; the platform pulls exactly that, or nothing.` : problem === null ? `Service "${name}" has artifact ${shortDigest(digest)} as it was built.` : `Service "${name}": ${problem}`));
  const result = (verdict: Verdict, summary: string): GateResult => ({ gate: "artifact-built", verdict, summary, details, measured });
  if (bad.length > 0) {
    const names = bad.map(({ name }) => `"${name}"`).join(", ");
    const verdict = worstVerdict(bad.map((each) => each.verdict));
    if (verdict === "ERROR") return result(verdict, `The stored artifacts of ${names} could not all be digested; make the store readable and run the mission again.`);
    return result(verdict, `The stored artifacts of ${names} are not what was built for release "${release.version}"; make the release again.`);
  }
  try {
    const provenance = provenanceOf({ command: application.build, version: release.version, commit: release.commit, mission: id });
    const reference = await recordEvidence(evidence, releaseClaim(subject, PREDICATE.provenance, provenance));
    return { ...result("PASS", `The stored artifacts of release "${release.version}" have the digests they were built with: ${measured.intact} of ${measured.services} services.`), evidence: [reference] };
  } catch (error) {
    return result("ERROR", `The stored artifacts are intact, and that could not be recorded: ${error instanceof Error ? error.message : String(error)} Put that right and run the mission again.`);
  }
}

interface Checked {
  readonly verdict: Verdict;
  readonly problem: string | null;
}

/** What lies in a registry is named by the digest of its contents, which whoever pulls it compares. */
const PUSHED: Checked = { verdict: "PASS", problem: null };
const MISSING: Checked = { verdict: "ERROR", problem: "its artifact was not looked at." };

async function check(store: ArtifactStore, digest: string): Promise<Checked> {
  try {
    await store.verify(digest);
    return { verdict: "PASS", problem: null };
  } catch (error) {
    return { verdict: error instanceof ArtifactError ? "FAIL" : "ERROR", problem: error instanceof Error ? error.message : String(error) };
  }
}
