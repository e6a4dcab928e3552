import { PREDICATE } from "../../evidence/predicate-types.js";
import { approvalSchema } from "../../evidence/predicates.js";
import type { EvidenceReference } from "../../model/evidence.js";
import type { Release } from "../../model/release.js";
import { EXIT, UserError } from "../errors.js";
import { releaseClaim } from "../gates/release-claim.js";
import type { MissionRecord } from "../mission/mission-record.js";
import { authorOf, ownIdentity } from "../release/commit.js";
import type { PackConfig } from "../../policies/pack-config.js";
import { who } from "../who.js";
import { whyNotCounted } from "./approval-counts.js";
import { developmentKeyId } from "./keys.js";
import { recordEvidence, type EvidenceDesk } from "./record-evidence.js";

/**
 * Signs, as whoever calls it, that the plan of a mission is approved.
 * @param demanding the configuration of the policy pack, where that demands an approval of the plan
 * @throws UserError (refused) while the mission has no plan, and for an approval that a demanding pack would not count
 */
export async function recordApproval(desk: EvidenceDesk, { subject, lines }: MissionRecord, demanding: PackConfig | null = null): Promise<{ readonly reference: EvidenceReference; readonly digest: string }> {
  const recorded = (id: string) => lines.find(({ line }) => line.kind === "result" && line.id === id)?.line["value"] ?? null;
  const release = recorded("validate/release") as unknown as Release | null;
  const digest = (recorded("plan/document") as { readonly digest?: string } | null)?.digest;
  if (release === null || digest === undefined) throw new UserError(EXIT.refused, `Mission "${subject.id}" has no plan yet, so there is nothing to approve; look at it: ./mission status ${subject.id}`);
  const by = (await ownIdentity(subject.codebase)) ?? who();
  const author = await authorOf(subject.codebase, release.commit);
  if (demanding !== null) {
    const development = (await developmentKeyId()) === desk.key.keyId;
    const why = whyNotCounted({ by, author, keyId: desk.key.keyId, development, platform: subject.production.settings.platform }, demanding);
    if (why.length > 0) throw new UserError(EXIT.refused, [`This approval of mission "${subject.id}" would not count, so nothing was signed.`, ...why].join("\n"));
  }
  const predicate = approvalSchema.parse({ plan: digest, by, author });
  return { digest, reference: await recordEvidence(desk, releaseClaim({ ...subject, release }, PREDICATE.approval, predicate, "production")) };
}
