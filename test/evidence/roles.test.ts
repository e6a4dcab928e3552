import assert from "node:assert/strict";
import { PREDICATE, PREDICATE_ENVIRONMENT } from "../../evidence/predicate-types.js";
import { PREDICATE_SCHEMAS } from "../../evidence/predicates.js";
import { MISSION_TYPES, ROLES, ROLE_TYPES } from "../../evidence/roles.js";

const all: readonly string[] = Object.values(PREDICATE);

describe("roles of keys", () => {
  it("cover every type of statement, and no other", () => {
    assert.deepEqual([...new Set(ROLES.flatMap((role) => ROLE_TYPES[role]))].sort(), [...all].sort());
    for (const role of ROLES) assert.equal(new Set(ROLE_TYPES[role]).size, ROLE_TYPES[role].length, role);
  });

  it("let an operator sign a whole mission, and an approval", () => {
    assert.deepEqual([...ROLE_TYPES.operator].sort(), [...all].sort());
    assert.ok(!MISSION_TYPES.includes(PREDICATE.approval), "a mission does not approve itself");
  });

  it("let nobody but an operator plan, waive, or say what staging has shown", () => {
    for (const type of [PREDICATE.plan, PREDICATE.waiver, PREDICATE.verificationSummary, PREDICATE.rollbackDrill]) {
      assert.deepEqual(ROLES.filter((role) => ROLE_TYPES[role].includes(type)), ["operator"], type);
    }
    assert.deepEqual(ROLES.filter((role) => ROLE_TYPES[role].includes(PREDICATE.approval)), ["operator", "analyst"]);
    assert.deepEqual(ROLE_TYPES.tester, [PREDICATE.testResult]);
  });

  it("are about types that all have a form, and an environment where they are about one", () => {
    assert.deepEqual(Object.keys(PREDICATE_SCHEMAS).sort(), [...all].sort());
    for (const type of Object.keys(PREDICATE_ENVIRONMENT)) assert.ok(all.includes(type), type);
  });
});
