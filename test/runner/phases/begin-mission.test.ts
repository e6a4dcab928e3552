import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { UserError } from "../../../runner/errors.js";
import { beginMission, type InTheWay } from "../../../runner/phases/begin-mission.js";
import { directoryStore } from "../../../runner/store/directory-store.js";
import { subjectOf } from "../../support/missions.js";

describe("the environments of a hotfix that supersedes a whole mission", () => {
  const root = mkdtempSync(join(tmpdir(), "mission-begin-"));
  after(() => rmSync(root, { recursive: true, force: true }));
  const store = directoryStore(join(root, "environments"));
  const whole = subjectOf({ id: "whole", version: "1.1.0" });
  const hotfix = subjectOf({ id: "hotfix", version: "1.1.1", hotfix: { reason: "payments fail", by: "ines@till" } });
  const [staging, production] = [whole.staging.stack, whole.production.stack];
  const cutOff: InTheWay = { folder: { id: "whole", path: (...parts: string[]) => join(root, "whole", ...parts) }, record: { subject: whole, lines: [] } };
  const holders = async () => [(await store.holder(staging))?.mission, (await store.holder(production))?.mission];

  const begin = (held: (string | undefined)[][]) => {
    let open: readonly InTheWay[] = [cutOff];
    return beginMission({
      store,
      subject: hotfix,
      supersede: true,
      say: () => undefined,
      unfinished: () => Promise.resolve(open),
      bringBack: async (_mission, leases) => {
        await leases.guard();
        held.push(await holders());
        open = [];
      },
    });
  };

  it("are those of that mission, too, while it is brought back, and its own after that", async () => {
    const held: (string | undefined)[][] = [];
    const leases = await begin(held);
    assert.deepEqual(held, [["hotfix", "hotfix"]]);
    assert.deepEqual(await holders(), [undefined, "hotfix"]);
    await leases.release();
    assert.deepEqual(await holders(), [undefined, undefined]);
  });

  it("are none when somebody else works on staging, and nothing is brought back", async () => {
    const other = await store.acquire(staging, { mission: "other", ttlMs: 60_000 });
    assert.ok(other.ok);
    const held: (string | undefined)[][] = [];
    await assert.rejects(begin(held), (error: unknown) => error instanceof UserError && /mission "other"/.test(error.message));
    assert.deepEqual([held, await holders()], [[], ["other", undefined]]);
    await other.lease.release();
  });
});
