import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { describeBuild } from "../src/build-info.mjs";
import { readSettings } from "../src/settings.mjs";
import { ENV } from "./helpers.mjs";

const good = describeBuild("1.0.0");
const bad = describeBuild("1.0.0-bad-errors");

describe("settings", () => {
  it("are complete with a payment key and a database", () => {
    const settings = readSettings({ PAYMENT_KEY: "k", DATABASE_URL: "postgres://u:p@127.0.0.1:5432/shop" }, good);
    assert.equal(settings.host, "127.0.0.1");
    assert.equal(settings.greeting, "Welcome");
  });

  it("name every mistake at once and repeat no secret", () => {
    assert.throws(() => readSettings({ PORT: "99999", DATABASE_URL: "mysql://canary" }, good), (error) => {
      assert.equal(error.message.split("\n").length, 3);
      assert.doesNotMatch(error.message, /canary/);
      return true;
    });
  });

  it("look at the fault variables in bad builds only", () => {
    const env = { ...ENV, FAULT_RATE: "nonsense", FAULT_ENVIRONMENT: "staging" };
    assert.equal(readSettings(env, good).faultEnvironment, null);
    assert.throws(() => readSettings(env, bad), /"FAULT_RATE" is "nonsense"; allowed is a number from 0 to 1\./);
    const empty = readSettings({ ...ENV, FAULT_RATE: "", FAULT_ENVIRONMENT: "" }, bad);
    assert.deepEqual([empty.faultRate, empty.faultEnvironment], [null, null]);
  });
});

describe("a version", () => {
  it("carries the fault that its suffix names", () => {
    const faultOf = (version) => describeBuild(version).fault;
    assert.equal(faultOf("1.2.0"), null);
    assert.equal(faultOf("1.2.0-rc.1"), null);
    assert.equal(faultOf("1.2.0-not-bad-errors"), null);
    assert.equal(faultOf("1.2.0-bad-errors"), "bad-errors");
    assert.equal(faultOf("1.2.0-bad-latency.2"), "bad-latency");
    assert.equal(faultOf("1.2.0-never-ready+build.7"), "never-ready");
    assert.equal(faultOf("1.2.0-exits-at-start"), "exits-at-start");
    assert.equal(faultOf("1.2.0-crash-loop"), "crash-loop");
  });

  it("must be semantic", () => {
    assert.throws(() => describeBuild("latest"), /"latest" is not a version; allowed is/);
  });
});
