import assert from "node:assert/strict";
import { join } from "node:path";
import { payloadOf } from "../../../evidence/dsse.js";
import { PREDICATE } from "../../../evidence/predicate-types.js";
import { approvalSchema } from "../../../evidence/predicates.js";
import { statementIn } from "../../../evidence/read-envelope.js";
import { digestOf } from "../../../model/digest.js";
import { UserError } from "../../../runner/errors.js";
import { directoryEvidenceStore } from "../../../runner/evidence/evidence-store.js";
import { recordApproval } from "../../../runner/evidence/record-approval.js";
import type { MissionRecord } from "../../../runner/mission/mission-record.js";
import { emptyFolder, removeCodebases } from "../../support/codebases.js";
import { newKey } from "../../evidence/support.js";
import { git, gitRepository } from "../../support/git.js";
import { subjectOf } from "../gates/support.js";

describe("an approval", () => {
  afterEach(removeCodebases);

  const recordOf = (codebase: string, commit: string | null, lines: Readonly<Record<string, unknown>>): MissionRecord => {
    const { release, ...subject } = subjectOf({ codebase, commit });
    const all = { "validate/release": release, ...lines };
    return { subject, lines: Object.entries(all).map(([id, value], seq) => ({ seq, hash: "", line: { kind: "result", id, at: "", value } })) } as unknown as MissionRecord;
  };
  const approve = async (record: MissionRecord) => {
    const store = directoryEvidenceStore(join(await emptyFolder("evidence"), "evidence"));
    const { reference, digest } = await recordApproval({ store, key: newKey() }, record);
    const stored = await store.get(reference);
    assert.ok(stored.ok);
    const statement = statementIn(payloadOf(stored.envelope));
    assert.ok(statement.ok);
    return { reference, digest, predicate: approvalSchema.parse(statement.value.predicate), binding: statement.value.predicate.missionDeploy_binding };
  };
  const PLANNED = { "plan/document": { digest: digestOf("plan") } };

  it("names the plan, who approves as git knows them, and the author of the release's commit, whoever comes later", async () => {
    const folder = await emptyFolder();
    const commit = gitRepository(folder);
    git(folder, "-c", "user.name=Later", "commit", "--quiet", "--allow-empty", "--message", "later");
    git(folder, "config", "user.name", "Ada");
    git(folder, "config", "user.email", "ada@example.com");
    for (const of of [commit, `${commit}-dirty`]) {
      const { reference, digest, predicate, binding } = await approve(recordOf(folder, of, PLANNED));
      assert.deepEqual([reference.type, digest, predicate], [PREDICATE.approval, digestOf("plan"), { plan: digestOf("plan"), by: "Ada <ada@example.com>", author: "test <test@example.invalid>" }]);
      assert.deepEqual([binding.environment, binding.mission, binding.commit], ["production", "shop-1.2.0-x", of]);
    }
  });

  it("has no author where git knows none: outside a repository, and for a commit that is gone", async () => {
    const folder = await emptyFolder();
    assert.equal((await approve(recordOf(folder, null, PLANNED))).predicate.author, null);
    gitRepository(folder);
    assert.equal((await approve(recordOf(folder, "d".repeat(40), PLANNED))).predicate.author, null);
  });

  it("is refused while there is no plan", async () => {
    await assert.rejects(approve(recordOf(await emptyFolder(), null, {})), (error) => error instanceof UserError && error.exitCode === 5 && /has no plan yet, so there is nothing to approve/.test(error.message));
  });
});
