import assert from "node:assert/strict";
import { readPreview } from "../../../runner/plan/preview-summary.js";

const urn = (types: string, name: string) => `urn:pulumi:s::p::${types}::${name}`;
const ended = (code: number, preview: unknown, stderr = "") => ({ code, stdout: typeof preview === "string" ? preview : JSON.stringify(preview), stderr });

describe("what a preview says", () => {
  it("counts everything, and names only resources of the platform, by properties and never by values", () => {
    const steps = [
      { op: "update", urn: urn("mission:index:Environment", "shop"), newState: { custom: false } },
      { op: "read", urn: urn("pulumi:pulumi:StackReference", "itself"), newState: { custom: true } },
      { op: "same", urn: urn("sandbox:index:Alarm", "web-x"), newState: { custom: true } },
      { op: "update", urn: urn("mission:index:Environment$sandbox:index:Slot", "web-green"), newState: { custom: true }, detailedDiff: { "spec.version": {}, "spec[0]": {}, instances: {} }, diffReasons: ["spec"] },
      { op: "delete", urn: urn("sandbox:index:Slot", "old-blue"), oldState: { custom: true } },
      { op: "create-replacement", urn: urn("sandbox:index:Database", "db"), newState: { custom: true } },
      { op: "replace", urn: urn("sandbox:index:Database", "db"), newState: { custom: true }, diffReasons: ["sandbox"] },
    ];
    const { counts, changes } = readPreview("s", true, ended(0, { steps, changeSummary: { update: 2, same: 1, delete: 1, replace: 1 } }));
    assert.deepEqual(counts, { create: 0, update: 2, replace: 1, delete: 1, same: 1 });
    assert.deepEqual(changes.map(({ words }) => words), ['sandbox:index:Slot "web-green" is changed: instances, spec.', 'sandbox:index:Slot "old-blue" is removed.', 'sandbox:index:Database "db" is replaced: sandbox.']);
  });

  it("gives the errors as sentences, without colours and each once", () => {
    const diagnostics = [{ severity: "error", message: "<{%fg 1%}>error: A setting is wrong.<{%reset%}>\n" }, { severity: "error", message: "error: A setting is wrong." }, { severity: "info", message: "hello" }, { severity: "error", message: "preview failed" }];
    assert.deepEqual(readPreview("s", true, ended(255, { diagnostics })), { stack: "s", exists: true, counts: null, changes: [], errors: ["A setting is wrong."] });
  });

  it("takes neither an exit code nor an output that it does not understand for a success", () => {
    assert.deepEqual(readPreview("s", true, ended(1, {}, "error: no plugin")).errors, ["The engine ended its preview with code 1: no plugin"]);
    assert.equal(readPreview("s", true, ended(0, "not JSON")).counts, null);
    assert.equal(readPreview("s", true, ended(137, "")).errors[0], "The engine ended its preview with code 137.");
  });
});
