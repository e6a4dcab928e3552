import { ALWAYS, criterion, expectationOf, madeBy } from "../criterion.js";
import { judgeEvidence } from "../judge-evidence.js";
import { migrationsResultSchema } from "../../evidence/predicates.js";
import { migrationsMistakes } from "../../evidence/what-counts.js";
import { PREDICATE } from "../../evidence/predicate-types.js";

/** Migrations were tried on a scratch database and taken back again; a release without migrations has nothing to try. */
export const migrationsValidated = criterion({
  name: "migrations-validated",
  description: "The release's migrations are of class expand, and were applied, rolled back and applied again on a scratch database.",
  severity: "critical",
  remediation: "Let this release's migrations only add, and run ./mission deploy, which tries them; or add the result of your own CI with ./mission evidence add.",
  demanded: ALWAYS,
  async judge(judged, change) {
    const { migrations } = judged.gated;
    if (migrations === null) return [];
    if (migrations.class !== "expand") return [`its migrations are of class "${migrations.class}"; this version deploys only expand migrations. Let this release only add; take away by hand, once no release uses it any more.`];
    const judgement = await judgeEvidence(judged, {
      expected: expectationOf(judged, change, PREDICATE.migrations),
      what: "result of the migrations",
      makes: madeBy("tries them on a scratch database and signs what came of it"),
      schema: migrationsResultSchema,
      judge: ({ predicate }) => [
        ...(predicate.class === migrations.class || predicate.class === "none" ? [] : [`is about migrations of class "${predicate.class}"; the release declares "${migrations.class}". Run the gate again.`]),
        ...(predicate.service === migrations.service ? [] : [`is about migrations of service "${predicate.service}"; the release's are in "${migrations.service}". Run the gate again.`]),
        ...migrationsMistakes(predicate),
      ],
    });
    return judgement.ok ? [] : judgement.reasons;
  },
});
