import { shortDigest } from "../../model/digest.js";
import { BEFORE_USERS, criterion, expectationOf } from "../criterion.js";
import { judgeEvidence } from "../judge-evidence.js";
import { approvalSchema } from "../../evidence/predicates.js";
import { isSamePerson } from "../../evidence/same-person.js";
import { PREDICATE } from "../../evidence/predicate-types.js";

/** Somebody else than the author has approved this very plan. Asked only where the pack's configuration says so. */
export const approved = criterion({
  name: "approved",
  description: "Where policies/pack.yaml demands it, somebody who may approve and is not the author has signed this very plan.",
  severity: "high",
  remediation: "Let somebody else than the author approve the plan with a key that policies/pack.yaml trusts for approvals.",
  demanded: BEFORE_USERS,
  async judge(judged, change) {
    if (!judged.context.config.approval) return [];
    const { plan } = judged.gated.gates;
    if (plan === null) return ['no plan is named in "mission:gates", so that nothing can be approved; ./mission deploy makes one.'];
    const judgement = await judgeEvidence(judged, {
      expected: expectationOf(judged, change, PREDICATE.approval, { environment: "production" }),
      what: "approval",
      makes: "somebody else than the author approves the plan with ./mission approve.",
      schema: approvalSchema,
      judge: ({ predicate: { plan: of, by, author }, signers }) => [
        ...(of === plan ? [] : [`approves plan ${shortDigest(of)}; the change follows plan ${shortDigest(plan)}. Let that plan be approved.`]),
        ...(author === null ? ["does not say who the author is, so that nobody can tell whether somebody else has approved; state the author."] : [by, ...signers].filter((name) => isSamePerson(name, author)).slice(0, 1).map(() => `is given by "${author}", who is the author; somebody else must approve.`)),
      ],
    });
    return judgement.ok ? [] : judgement.reasons;
  },
});
