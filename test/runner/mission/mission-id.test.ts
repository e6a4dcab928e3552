import "../../support/seed.js";
import assert from "node:assert/strict";
import fc from "fast-check";
import { missionId } from "../../../runner/mission/mission-id.js";

describe("the id of a mission", () => {
  const now = new Date("2026-11-25T16:15:01.234Z");

  it("names application, version, time and four random digits", () => {
    assert.equal(missionId("shop", "1.1.0", now, "3f9a"), "shop-1.1.0-20261125t161501-3f9a");
    assert.equal(missionId("shop", "V2_rc+build", now, "3f9a"), "shop-v2-rc-build-20261125t161501-3f9a");
  });

  it("holds only lower-case letters, digits, dots and dashes, and is at most 80 characters long", () =>
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z][a-z0-9-]{0,39}$/), fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._+-]{0,79}$/), (name, version) => {
        const id = missionId(name, version, now);
        assert.match(id, /^[a-z][a-z0-9.-]*-20261125t161501-[0-9a-f]{4}$/);
        assert.ok(id.length <= 80 && id.startsWith(`${name}-`), id);
      }),
    ));
});
