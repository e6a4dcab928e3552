import "../../support/seed.js";
import assert from "node:assert/strict";
import fc from "fast-check";
import { isExpand, schemaDiff } from "../../../runner/migrate/schema-diff.js";
import { snapshotDigest, type RuleSnapshot, type SchemaSnapshot, type TableSnapshot } from "../../../runner/migrate/schema-snapshot.js";

const NAME = fc.constantFrom("a", "b", "c");
const some = <T>(value: fc.Arbitrary<T>) => fc.dictionary(NAME, value, { maxKeys: 3, noNullPrototype: true });

const column = fc.record({ type: fc.constantFrom("text", "integer"), nullable: fc.boolean(), default: fc.constantFrom(null, "0", "nextval('s')", "identity always") });
// PostgreSQL writes a rule's columns into its definition: equal definitions have equal columns.
const rule = (kinds: readonly string[], restricts: boolean) =>
  fc.tuple(fc.constantFrom(...kinds), fc.subarray(["a", "b", "c"], { minLength: 1 })).map(([kind, columns]): RuleSnapshot => ({ definition: `${kind} (${columns.join(", ")})`, columns, restricts }));
const table: fc.Arbitrary<TableSnapshot> = fc.record({
  columns: some(column),
  constraints: some(rule(["PRIMARY KEY", "UNIQUE", "UNIQUE NULLS NOT DISTINCT", "CHECK IS NOT NULL", "CHECK", "FOREIGN KEY", "EXCLUDE"], true)),
  indexes: some(rule(["CREATE INDEX"], false)),
});
const snapshot: fc.Arbitrary<SchemaSnapshot> = fc.record({ tables: some(table), others: some(fc.constantFrom("enum 'x'", "enum 'x', 'y'", "enum 'y', 'x'", "a view")) });

describe("the difference of two schemas, whatever they are", () => {
  it("is none exactly when their digests are equal", () => {
    fc.assert(fc.property(snapshot, snapshot, (one, two) => (schemaDiff(one, two).length === 0) === (snapshotDigest(one) === snapshotDigest(two))));
    fc.assert(fc.property(snapshot, (one) => schemaDiff(one, structuredClone(one)).length === 0));
  });

  it("is an expand in one direction at most", () => {
    fc.assert(
      fc.property(snapshot, snapshot, (one, two) => {
        const there = schemaDiff(one, two);
        return there.length === 0 || !(isExpand(there) && isExpand(schemaDiff(two, one)));
      }),
    );
  });

  it("keeps everything of the schema before when it is an expand, but for labels that an enumeration has in addition", () => {
    fc.assert(
      fc.property(snapshot, snapshot, (one, two) => {
        if (!isExpand(schemaDiff(one, two))) return;
        for (const [name, { columns, constraints, indexes }] of Object.entries(one.tables)) {
          const now = two.tables[name];
          assert.ok(now);
          for (const [part, before] of [["columns", columns], ["constraints", constraints], ["indexes", indexes]] as const) for (const key of Object.keys(before)) assert.deepEqual(now[part][key], before[key]);
        }
        // One more label may stand before or between those that were there.
        for (const [name, before] of Object.entries(one.others)) for (const part of before.replace("enum ", "").split(", ")) assert.ok(two.others[name]?.includes(part));
      }),
      { numRuns: 2_000 },
    );
  });
});
