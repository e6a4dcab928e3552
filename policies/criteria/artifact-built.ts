import { PREDICATE } from "../../evidence/predicate-types.js";
import { provenanceSchema } from "../../evidence/predicates.js";
import { digestOfValue, shortDigest } from "../../model/digest.js";
import type { JudgedChange } from "../change-of.js";
import { ALWAYS, criterion, expectationOf, madeBy } from "../criterion.js";
import { judgeEvidence } from "../judge-evidence.js";
import type { Judged } from "../rule.js";

/** Who built what is deployed, from what: signed, about the digest that the slot is to hold. */
export const artifactBuilt = criterion({
  name: "artifact-built",
  description: "What the slot is to hold is the judged release, and its artifact has signed provenance with this very digest, version and commit.",
  severity: "critical",
  remediation: "Make the release again with ./mission deploy, or add the provenance that your own CI signs with ./mission evidence add.",
  demanded: ALWAYS,
  async judge(judged, change) {
    const mistakes = otherRelease(judged, change);
    if (mistakes.length > 0) return mistakes;
    const { spec } = change;
    const judgement = await judgeEvidence(judged, {
      expected: expectationOf(judged, change, PREDICATE.provenance),
      what: `provenance of artifact ${shortDigest(spec.digest)}`,
      makes: madeBy("builds it and signs how"),
      schema: provenanceSchema,
      judge: ({ predicate: { buildDefinition } }) => {
        const { version, commit } = buildDefinition.externalParameters;
        const sources = buildDefinition.resolvedDependencies.map(({ digest }) => digest.gitCommit);
        return [
          ...(version === spec.version ? [] : [`says that version ${version} was built; the slot is to hold ${spec.version}. Make the release again.`]),
          ...(commit === spec.commit ? [] : [`says that ${named(commit)} was built; the slot is to hold ${named(spec.commit)}. Make the release again.`]),
          ...sources.filter((source) => source !== spec.commit).map((source) => `says that it was built from ${named(source)}; the slot is to hold ${named(spec.commit)}. Make the release again.`),
        ];
      },
    });
    return judgement.ok ? [] : judgement.reasons;
  },
});

/** All other criteria look at the release of the inputs and at the SlotSpec shown there, so both must be what the slot is to hold. */
function otherRelease({ gated }: Judged, { slot, spec }: JudgedChange): string[] {
  const wanted = gated.wanted.slots[slot]?.spec ?? "";
  const { specDigest: said, ...shown } = spec;
  const digest = digestOfValue(shown);
  if (digest !== wanted || said !== wanted) return [`slot "${slot}" is to hold SlotSpec ${shortDigest(wanted)}, and what is shown to be judged is ${shortDigest(digest)}; deploy with the program as it was built.`];
  const names = [
    ["application", spec.application, gated.application],
    ["service", spec.service, gated.service],
    ["version", spec.version, gated.version],
    ["commit", spec.commit, gated.commit],
  ] as const;
  const other = names.filter(([, held, released]) => held !== released);
  const words = (index: 1 | 2) => other.map((each) => (each[0] === "commit" ? named(each[index]) : `${each[0]} "${String(each[index])}"`)).join(", ");
  return other.length === 0 ? [] : [`slot "${slot}" holds ${words(1)}, and the release that is judged is ${words(2)}; make that the stack's release which the slot holds, or stage the other one first.`];
}

function named(value: string | null): string {
  if (value === null) return "no commit";
  return `commit ${shortDigest(value)}${value.endsWith("-dirty") ? "-dirty" : ""}`;
}
