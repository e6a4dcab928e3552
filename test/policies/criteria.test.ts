import assert from "node:assert/strict";
import { PREDICATE } from "../../evidence/predicate-types.js";
import { digestOf } from "../../model/digest.js";
import { CRITERIA } from "../../policies/criteria/index.js";
import type { Rule } from "../../policies/rule.js";
import { ASKED, goodPredicates, HOUR, NEW, refusals, SHORT, WAIVER, type Asked, type Setup } from "./support.js";

const rule = (name: string): Rule => {
  const found = CRITERIA.find((each) => each.name === name);
  assert.ok(found, name);
  return found;
};
const X = 'Service "web": Evidence "X"';
const predicate = (type: string, change: Readonly<Record<string, unknown>>): Setup => ({ predicates: { [type]: { ...goodPredicates()[type], ...change } } });
const counts = (change: Readonly<Record<string, number>>) => predicate(PREDICATE.testResult, { missionDeploy_counts: { executed: 12, passed: 12, failed: 0, skipped: 1, ...change } });
const given = (does: string) => `./mission deploy ${does}; ./mission evidence add takes that of a CI of one's own.`;
const none = (type: string): Setup => ({ predicates: { [type]: null } });

/** Which transitions ask for a criterion, as section 5 of the design has them. */
const DEMANDED: Readonly<Record<string, { readonly staging: readonly Asked[]; readonly production: readonly Asked[] }>> = (() => {
  const every: readonly Asked[] = ["bootstrap", "stage-dark", "raise", "raise-on"];
  const both = { staging: every, production: every };
  const users = { staging: [], production: ["bootstrap", "raise", "raise-on"] as readonly Asked[] };
  return {
    "tests-passed": both,
    "artifact-built": both,
    "configuration-complete": both,
    "migrations-validated": both,
    "checklist-complete": users,
    "staging-verified": users,
    "rollback-ready": { staging: [], production: ["raise", "raise-on"] },
    "monitoring-configured": both,
    "strategy-planned": users,
    "window-open": { staging: [], production: ["bootstrap", "raise"] },
    approved: users,
  };
})();

/** What breaks each criterion whatever the transition. */
const BROKEN: Readonly<Record<string, Setup>> = {
  "tests-passed": none(PREDICATE.testResult),
  "artifact-built": none(PREDICATE.provenance),
  "configuration-complete": { spec: { variables: { COLOUR: "blue" } } },
  "migrations-validated": none(PREDICATE.migrations),
  "checklist-complete": none(PREDICATE.checklist),
  "staging-verified": none(PREDICATE.verificationSummary),
  "rollback-ready": none(PREDICATE.rollbackDrill),
  "monitoring-configured": { gated: (gated) => ({ ...gated, alarms: { ...gated.alarms, errorRate: "100%" } }) },
  "strategy-planned": none(PREDICATE.plan),
  "window-open": { now: new Date("2026-11-25T20:00:00.000Z"), validMs: 48 * HOUR },
  approved: none(PREDICATE.approval),
};

/** Refusals in production, at a first raise unless the case says otherwise, each with what the user reads. */
const REFUSED: Readonly<Record<string, readonly (readonly [string, Setup, readonly (string | RegExp)[]])[]>> = {
  "tests-passed": [
    ["no result", none(PREDICATE.testResult), [`Service "web": no result of the tests is given; ${given("runs the tests and signs their result")}`]],
    ["a failed test", counts({ passed: 11, failed: 1 }), [`${X} says that 1 of 12 tests failed; allowed is none. Repair them and run them again.`]],
    ["a verdict that says PASSED over a failed test", { ...counts({ failed: 12, passed: 0 }) }, [`${X} says that 12 of 12 tests failed; allowed is none. Repair them and run them again.`]],
    ["no test at all", counts({ executed: 0, passed: 0, skipped: 13 }), [`${X} says that no test was executed (13 skipped); at least one must be. Correct the command that runs them.`]],
    ["a warning", predicate(PREDICATE.testResult, { result: "WARNED" }), [`${X} says WARNED (12 executed, 12 passed, 0 failed, 1 skipped); allowed is PASSED. Repair what the tests say and run them again.`]],
    ["a failure that its counts do not show", predicate(PREDICATE.testResult, { result: "FAILED" }), [`${X} says FAILED (12 executed, 12 passed, 0 failed, 1 skipped); allowed is PASSED. Repair what the tests say and run them again.`]],
    ["counts that do not add up", counts({ passed: 11 }), [`${X} contradicts itself: 12 executed, 11 passed, 0 failed, 1 skipped, and it names 0 failed tests; run the tests again.`]],
    ["a statement without counts", { predicates: { [PREDICATE.testResult]: { ...goodPredicates()[PREDICATE.testResult], missionDeploy_counts: null } } }, [`${X} says something that cannot be judged: "predicate.missionDeploy_counts" is null; expected is an object.`]],
    ["a stored verdict", { predicates: { [PREDICATE.testResult]: { gate: "tests-passed", verdict: "PASS" } } }, ["result", "configuration", "failedTests", "missionDeploy_counts", "missionDeploy_report"].map((field) => `${X} says something that cannot be judged: "predicate.${field}" is missing; ${field === "result" ? 'allowed is "PASSED" or "WARNED" or "FAILED"' : `expected is an ${/configuration|failedTests/.test(field) ? "array" : "object"}`}.`)],
  ],
  "artifact-built": [
    ["no provenance", none(PREDICATE.provenance), [`Service "web": no provenance of artifact ${SHORT} is given; ${given("builds it and signs how")}`]],
    ["another version", { predicates: { [PREDICATE.provenance]: goodPredicates({ ...NEW, version: "1.0.9" })[PREDICATE.provenance] ?? null } }, [`${X} says that version 1.0.9 was built; the slot is to hold 1.1.0. Make the release again.`]],
    ["another commit in its parameters", { predicates: { [PREDICATE.provenance]: goodPredicates({ ...NEW, commit: "d".repeat(40) })[PREDICATE.provenance] ?? null } }, [`${X} says that commit dddddddddddd was built; the slot is to hold commit aaaaaaaaaaaa. Make the release again.`, `${X} says that it was built from commit dddddddddddd; the slot is to hold commit aaaaaaaaaaaa. Make the release again.`]],
    ["an artifact that was swapped", { spec: { digest: digestOf("swapped") } }, [`${X} is about ${SHORT}; wanted is artifact ${digestOf("swapped").slice(7, 19)} of service "web".`]],
    ["a SlotSpec that is not the one shown", { gated: (gated) => ({ ...gated, specs: { ...gated.specs, green: gated.specs.green && { ...gated.specs.green, digest: digestOf("shown") } } }) }, [/^Service "web": slot "green" is to hold SlotSpec [0-9a-f]{12}, and what is shown to be judged is [0-9a-f]{12}; deploy with the program as it was built\.$/]],
    ["a candidate that is not the configured release", { gated: (gated) => ({ ...gated, version: "1.2.0", commit: null }) }, ['Service "web": slot "green" holds version "1.1.0", commit aaaaaaaaaaaa, and the release that is judged is version "1.2.0", no commit; make that the stack\'s release which the slot holds, or stage the other one first.']],
  ],
  "configuration-complete": [
    ["a missing variable", { spec: { variables: { COLOUR: "blue" } } }, ['Service "web": variable "REGION" is missing and has no default; set "mission:variables.REGION" of stack "shop".']],
    ["an empty variable", { spec: { variables: { REGION: " " } } }, ['Service "web": variable "REGION" is empty and has no default; set "mission:variables.REGION" of stack "shop".']],
    ["a placeholder", { spec: { variables: { REGION: "CHANGE_ME", COLOUR: "TODO" } } }, ['Service "web": variable "REGION" holds "CHANGE_ME", a placeholder; set the real value in "mission:variables.REGION" of stack "shop".', 'Service "web": variable "COLOUR" holds "TODO", a placeholder; set the real value in "mission:variables.COLOUR" of stack "shop".']],
    ["a missing secret", { spec: { secrets: [] } }, ['Service "web": secret "API_KEY" is missing; set it with: pulumi config set --stack shop --secret secrets:API_KEY']],
    ["a secret that is no reference", { spec: { secrets: [{ name: "API_KEY", keyedDigest: "hunter2" }] } }, ['Service "web": secret "API_KEY" is no reference; allowed is its digest, keyed with "mission:digestKey". Deploy with the program as it was built.']],
    ["a target for examples", { gated: (gated) => ({ ...gated, targets: [{ type: "webhook", url: "https://hooks.example.org/x" }] }) }, ['Service "web": "mission:notifications[0]" holds "hooks.example.org", a host for examples (RFC 2606); set the real target in stack "shop".']],
  ],
  "migrations-validated": [
    ["no result", none(PREDICATE.migrations), [`Service "web": no result of the migrations is given; ${given("tries them on a scratch database and signs what came of it")}`]],
    ["another class", { gated: (gated) => ({ ...gated, migrations: { service: "web", class: "contract" } }) }, ['Service "web": its migrations are of class "contract"; this version deploys only expand migrations. Let this release only add; take away by hand, once no release uses it any more.']],
    ["a failure", predicate(PREDICATE.migrations, { result: "FAILED" }), [`${X} says that the migrations FAILED; allowed is PASSED. Repair them and run the gate again.`]],
    ["no rollback", predicate(PREDICATE.migrations, { rolledBack: false, reapplied: false }), [`${X} does not say that the migrations were rolled back; run the gate again.`, `${X} does not say that the migrations were applied again after that; run the gate again.`]],
    ["another service's", predicate(PREDICATE.migrations, { service: "worker", class: "contract" }), [`${X} is about migrations of class "contract"; the release declares "expand". Run the gate again.`, `${X} is about migrations of service "worker"; the release's are in "web". Run the gate again.`]],
    ["migrations that change nothing, not applied", predicate(PREDICATE.migrations, { class: "none", applied: false, rolledBack: false, reapplied: false }), [`${X} does not say that the migrations were applied; run the gate again.`]],
  ],
  "checklist-complete": [
    ["no checklist", none(PREDICATE.checklist), [`Service "web": no checklist is given; ${given("goes through checklist.yaml and signs what came of it")}`]],
    [
      "items that are open, failed, and waived without a reason",
      predicate(PREDICATE.checklist, { items: [{ id: "a", title: "A", state: "open", by: null, reason: null }, { id: "b", title: "B", state: "failed", by: null, reason: null }, { id: "c", title: "C", state: "waived", by: "Ada", reason: null }, { id: "d", title: "D", state: "passed", by: null, reason: null }] }),
      [`${X} says that item "a" (A) of the checklist is open; give --confirm a when it is so, or --waive a=<reason>.`, `${X} says that item "b" (B) of the checklist failed; put it right, or give --waive b=<reason>.`, `${X} says that item "c" (C) of the checklist is waived, without a reason; give --waive c=<reason>.`],
    ],
  ],
  "staging-verified": [
    ["no summary", none(PREDICATE.verificationSummary), [`Service "web": no summary of staging is given; ${given("proves the release in staging and signs that")}`]],
    ["a failure", predicate(PREDICATE.verificationSummary, { verificationResult: "FAILED" }), [`${X} says that staging FAILED; allowed is PASSED. Repair the release and run the mission again.`]],
    ["one that is too old", { config: { maxStagingAge: "30m" } }, [`${X} is 3600000 ms old; the oldest allowed is 1800000 ms. Run the gate again that made it.`]],
    ["a waiver of something else", { predicates: { [PREDICATE.verificationSummary]: null, [PREDICATE.waiver]: { ...WAIVER, waived: ["window-open"] } } }, [`Service "web": no summary of staging is given; ${given("proves the release in staging and signs that")}`, `${X} waives "window-open", not "staging-verified"; give a waiver of that as well, or do what it demands.`]],
    ["a waiver without a reason and a name", { predicates: { [PREDICATE.verificationSummary]: null, [PREDICATE.waiver]: { ...WAIVER, reason: " ", by: "" } } }, [`Service "web": no summary of staging is given; ${given("proves the release in staging and signs that")}`, /"predicate\.reason" is " "; /, /"predicate\.by" is ""; /]],
    ["a waiver of what cannot be waived", { predicates: { [PREDICATE.verificationSummary]: null, [PREDICATE.waiver]: { ...WAIVER, waived: ["tests-passed", "staging-verified"] } } }, [`Service "web": no summary of staging is given; ${given("proves the release in staging and signs that")}`, `${X} says something that cannot be judged: "predicate.waived[0]" is "tests-passed"; allowed is "staging-verified" or "window-open".`]],
  ],
  "rollback-ready": [
    ["no drill where staging's summary names one", none(PREDICATE.rollbackDrill), [`Service "web": no drill of a rollback is given; ${given("tries a rollback in staging and signs how long it took")}`]],
    ["five minutes", predicate(PREDICATE.rollbackDrill, { backMs: 300_000 }), [`${X} says that going back took 300000 ms; allowed is less than 300000. Make the release start and stop faster, and run the mission again.`]],
    ["a drill that failed", predicate(PREDICATE.rollbackDrill, { verdict: "INCONCLUSIVE" }), [`${X} says that the drill ended with INCONCLUSIVE; allowed is PASS. Repair that and run the mission again.`]],
    ["neither drill nor summary", { predicates: { [PREDICATE.rollbackDrill]: null, [PREDICATE.verificationSummary]: null } }, [`Service "web": no drill of a rollback is given; ${given("tries a rollback in staging and signs how long it took")}`]],
    ["a target that lost an instance", { gated: withBoth((rollout) => ({ ...rollout, slots: { ...rollout.slots, blue: rollout.slots.blue && { ...rollout.slots.blue, instances: 1 } } })) }, ['Service "web": slot "blue", which a rollback goes back to, has 1 of 2 instances; all must be there until the rollout is finished.']],
    ["no target", { gated: withBoth((rollout) => ({ ...rollout, slots: { ...rollout.slots, blue: null } })) }, ['Service "web": slot "blue" is recorded live and holds nothing, so there would be nothing to go back to; repair that before the candidate gets traffic.']],
    ["another target than the one shown", { gated: (gated) => ({ ...gated, specs: { ...gated.specs, blue: gated.specs.green } }) }, ['Service "web": slot "blue" is recorded live with another SlotSpec than the one that is shown, so what a rollback brings back cannot be judged; deploy with the program as it was built.']],
  ],
  "monitoring-configured": [
    ["no health check", { spec: { readiness: {} as typeof NEW.readiness } }, ['Service "web": its health check is none: "readiness" is {}; allowed is one of {http: /path}, {tcp: true}, {command: [...]}. Correct it in mission.yaml.']],
    ["nobody who is told", { gated: (gated) => ({ ...gated, targets: [] }) }, ['Service "web": nobody is told when something goes wrong: "mission:notifications" of stack "shop" is empty; name a file or a webhook.']],
    [
      "alarms that can never go off",
      { gated: (gated) => ({ ...gated, alarms: { ...gated.alarms, errorRate: "100%", availability: "0%" } }) },
      ['Service "web": its alarm for the error rate can never go off: "mission:alarms.errorRate" of stack "shop" is "100%", and no more than all requests can fail; set it below 100%.', 'Service "web": its alarm for availability can never go off: "mission:alarms.availability" of stack "shop" is "0%", and no less than none can be ready; set it above 0%.'],
    ],
  ],
  "strategy-planned": [
    ["no plan", none(PREDICATE.plan), ['Service "web": no signed plan is given; ./mission deploy makes one, signs it and follows it.']],
    ["no mission", { gated: (gated) => ({ ...gated, gates: { ...gated.gates, mission: null } }) }, ['Service "web": no mission is named in "mission:gates", and users get a release only by a plan; ./mission deploy makes one, signs it and follows it.']],
    ["no digest of a plan", { gated: (gated) => ({ ...gated, gates: { ...gated.gates, plan: null } }) }, ['Service "web": no plan is named in "mission:gates", and users get a release only by a plan; ./mission deploy makes one, signs it and follows it.']],
    ["another plan", predicate(PREDICATE.plan, { plan: digestOf("other") }), [`${X} is about plan ${digestOf("other").slice(7, 19)}; the change follows plan ${digestOf("plan").slice(7, 19)}. Go on with the plan that was signed, or begin a new mission.`]],
    ["another artifact", predicate(PREDICATE.plan, { services: { web: { digest: digestOf("other") } } }), [`${X} plans artifact ${digestOf("other").slice(7, 19)}; the slot is to hold ${SHORT}. Begin a new mission.`]],
    ["a service that is not planned", predicate(PREDICATE.plan, { services: {} }), [`${X} plans nothing for service "web"; begin a new mission.`]],
    ["a step that is left out", { gated: withWanted({ blue: 50, green: 50 }) }, [`${X} plans the weights 10, 50, 100: after 0 % slot "green" gets 10 %, not 50 %. Take the plan's next step.`]],
    ["a weight between two steps", { gated: withWanted({ blue: 95, green: 5 }) }, [`${X} plans the weights 10, 50, 100: after 0 % slot "green" gets 10 %, not 5 %. Take the plan's next step.`]],
    ["a later step that is left out", { asked: "raise-on", gated: withWanted({ blue: 0, green: 100 }) }, [`${X} plans the weights 10, 50, 100: after 10 % slot "green" gets 50 %, not 100 %. Take the plan's next step.`]],
    ["weights that fall", predicate(PREDICATE.plan, { strategy: { name: "custom", steps: [{ weight: 50 }, { weight: 10 }, { weight: 100 }] } }), [`${X} plans the weights [50,10,100]; allowed are whole numbers that rise to 100. Begin a new mission.`]],
    ["steps that do not rise to 100", predicate(PREDICATE.plan, { strategy: { name: "custom", steps: [{ weight: 50 }] } }), [`${X} plans the weights [50]; allowed are whole numbers that rise to 100. Begin a new mission.`]],
    ["a plan that is too old, also at a later step", { asked: "raise-on", config: { maxMissionAge: "30m" } }, [`${X} is 3600000 ms old; the oldest allowed is 1800000 ms. Run the gate again that made it.`]],
  ],
  "window-open": [
    ["a closed window", { now: new Date("2026-11-25T15:00:00.000Z") }, ['Service "web": The window is closed. Changes may begin mon, tue, wed, thu from 09:00 to 16:00 (Europe/Berlin). It opens on Thursday 2026-11-26 at 09:00 (Europe/Berlin), 2026-11-26T09:00:00+01:00; begin then, or change mission:window.']],
    ["a freeze and a hold", { standing: { freeze: { by: "Ada", at: "2026-11-25T08:00:00.000Z", reason: "Sales." }, hold: { by: "shop-1.0.9-y", at: "2026-11-24T08:00:00.000Z", reason: "errors" } } }, ['Service "web": Stack "shop" is frozen since 2026-11-25T08:00:00.000Z, by Ada: Sales. End that with: ./mission unfreeze shop --reason "..."', 'Service "web": Stack "shop" is on hold after a rollback since 2026-11-24T08:00:00.000Z, by shop-1.0.9-y: errors. End that with: ./mission release-hold shop --reason "..."']],
    ["a freeze, although a waiver stands for the window", { now: new Date("2026-11-25T15:00:00.000Z"), predicates: { [PREDICATE.waiver]: WAIVER }, standing: { freeze: { by: "Ada", at: "2026-11-25T08:00:00.000Z", reason: "Sales" } } }, ['Service "web": Stack "shop" is frozen since 2026-11-25T08:00:00.000Z, by Ada: Sales. End that with: ./mission unfreeze shop --reason "..."']],
  ],
  approved: [
    ["no approval", none(PREDICATE.approval), ['Service "web": no approval is given; somebody else than the author approves the plan with ./mission approve.']],
    ["the author's own", predicate(PREDICATE.approval, { by: " ada" }), [`${X} is given by "Ada", who is the author; somebody else must approve.`]],
    ["one by the author's key under another name", predicate(PREDICATE.approval, { author: "Build server" }), [`${X} is given by "Build server", who is the author; somebody else must approve.`]],
    ["the author's own from another address", predicate(PREDICATE.approval, { by: "Ada <ada@home.example>", author: "Ada <ada@work.example>" }), [`${X} is given by "Ada <ada@work.example>", who is the author; somebody else must approve.`]],
    ["the author's own under another name", predicate(PREDICATE.approval, { by: "A. L. <ADA@work.example>", author: "Ada <ada@work.example>" }), [`${X} is given by "Ada <ada@work.example>", who is the author; somebody else must approve.`]],
    ["one that names no author", predicate(PREDICATE.approval, { author: null }), [`${X} does not say who the author is, so that nobody can tell whether somebody else has approved; state the author.`]],
    ["one of another plan", predicate(PREDICATE.approval, { plan: digestOf("other") }), [`${X} approves plan ${digestOf("other").slice(7, 19)}; the change follows plan ${digestOf("plan").slice(7, 19)}. Let that plan be approved.`]],
    ["no plan", { gated: (gated) => ({ ...gated, gates: { ...gated.gates, plan: null } }) }, ['Service "web": no plan is named in "mission:gates", so that nothing can be approved; ./mission deploy makes one.']],
  ],
};

function withWanted(split: { readonly blue: number; readonly green: number }): NonNullable<Setup["gated"]> {
  return (gated) => ({ ...gated, wanted: { ...gated.wanted, split } });
}

function withBoth(change: (rollout: Parameters<NonNullable<Setup["gated"]>>[0]["wanted"]) => Parameters<NonNullable<Setup["gated"]>>[0]["wanted"]): NonNullable<Setup["gated"]> {
  return (gated) => ({ ...gated, previous: gated.previous && change(gated.previous), wanted: change(gated.wanted) });
}

describe("the pack's criteria", () => {
  it("are the eleven of the design, in its order, each with what to do", () => {
    assert.deepEqual(CRITERIA.map(({ name }) => name), Object.keys(DEMANDED));
    for (const { description, remediation } of CRITERIA) for (const text of [description, remediation]) assert.match(text, /^[A-Z].*[.]$/);
  });

  it("allow every transition in both environments when everything is so", async () => {
    for (const each of CRITERIA) for (const environment of ["staging", "production"] as const) for (const asked of ASKED) assert.deepEqual(await refusals(each, { environment, asked }), [], `${each.name} ${environment} ${asked}`);
  });

  for (const [name, demanded] of Object.entries(DEMANDED)) {
    it(`ask for "${name}" exactly where it is demanded`, async () => {
      for (const environment of ["staging", "production"] as const) {
        for (const asked of ASKED) {
          const said = await refusals(rule(name), { ...BROKEN[name], environment, asked });
          assert.equal(said.length > 0, demanded[environment].includes(asked), `${environment} ${asked}: ${said.join(" ")}`);
        }
      }
    });

    for (const [what, setup, sentences] of REFUSED[name] ?? []) {
      it(`refuse for "${name}": ${what}`, async () => {
        const said = await refusals(rule(name), setup);
        assert.equal(said.length, sentences.length, said.join("\n"));
        sentences.forEach((wanted, index) => (typeof wanted === "string" ? assert.equal(said[index], wanted) : assert.match(said[index] ?? "", wanted)));
      });
    }
  }

  it("take the first statement that counts, whatever else is given", async () => {
    const twice: Setup = { references: (references) => [{ type: PREDICATE.testResult, sha256: "0".repeat(64) }, ...references] };
    assert.deepEqual(await refusals(rule("tests-passed"), twice), []);
    assert.deepEqual(await refusals(rule("tests-passed"), { ...twice, ...none(PREDICATE.testResult) }), ['Service "web": Evidence "X" is not in the store; run the gate again that makes it.']);
  });

  it("need no drill where staging's signed summary names none, or where a hotfix left staging out", async () => {
    const drill = { [PREDICATE.rollbackDrill]: null };
    const summary = { ...goodPredicates()[PREDICATE.verificationSummary], inputAttestations: [] };
    assert.deepEqual(await refusals(rule("rollback-ready"), { predicates: { ...drill, [PREDICATE.verificationSummary]: summary } }), []);
    assert.deepEqual(await refusals(rule("rollback-ready"), { predicates: { ...drill, [PREDICATE.verificationSummary]: null, [PREDICATE.waiver]: WAIVER } }), []);
    const failed = { backMs: 900, verdict: "FAIL" };
    assert.equal((await refusals(rule("rollback-ready"), { predicates: { [PREDICATE.rollbackDrill]: failed, [PREDICATE.verificationSummary]: summary } })).length, 1);
    const other = { ...WAIVER, waived: ["window-open"] };
    assert.equal((await refusals(rule("rollback-ready"), { predicates: { ...drill, [PREDICATE.verificationSummary]: null, [PREDICATE.waiver]: other } })).length, 1);
  });

  it("let a signed waiver stand for staging and for the window, and for nothing else", async () => {
    const predicates = Object.fromEntries(Object.keys(goodPredicates()).map((type) => [type, null]));
    const bare: Setup = { predicates: { ...predicates, [PREDICATE.waiver]: WAIVER }, now: new Date("2026-11-25T15:00:00.000Z") };
    const refused = await Promise.all(CRITERIA.map(async (each) => ((await refusals(each, bare)).length > 0 ? [each.name] : [])));
    assert.deepEqual(refused.flat(), ["tests-passed", "artifact-built", "migrations-validated", "checklist-complete", "strategy-planned", "approved"]);
    const nobodys: Setup = { ...bare, gated: (gated) => ({ ...gated, gates: { ...gated.gates, mission: null } }) };
    for (const name of ["staging-verified", "window-open"]) assert.match((await refusals(rule(name), nobodys)).join(" "), /a waiver counts for its mission only, and "mission:gates" names none/);
  });

  it("ask for no approval where the pack's configuration does not, and for no migrations where there are none", async () => {
    assert.deepEqual(await refusals(rule("approved"), { ...none(PREDICATE.approval), config: { approval: false } }), []);
    assert.deepEqual(await refusals(rule("approved"), predicate(PREDICATE.approval, { by: "Grace <grace@work.example>", author: "Ada <ada@work.example>" })), []);
    assert.deepEqual(await refusals(rule("migrations-validated"), { ...none(PREDICATE.migrations), gated: (gated) => ({ ...gated, migrations: null }) }), []);
    assert.deepEqual(await refusals(rule("migrations-validated"), predicate(PREDICATE.migrations, { class: "none", rolledBack: false, reapplied: false })), []);
  });

  it("refuse what cannot be understood, each of them", async () => {
    for (const each of CRITERIA) {
      assert.deepEqual(await refusals(each, { gated: withWanted({ blue: 90, green: 20 }) }), [`Service "web": "${each.name}" cannot be judged. The weights sum to 110; they must sum to 100.`]);
      assert.deepEqual(await refusals(each, { gated: (gated) => ({ ...gated, specs: { ...gated.specs, green: null } }) }), [`Service "web": "${each.name}" cannot be judged. Nothing is said of what slot "green" is to hold.`]);
    }
  });

  it("judge what the states show, whatever the program calls it", async () => {
    const lying: Setup = { ...BROKEN["tests-passed"], gated: (gated) => ({ ...gated, transition: "none", mode: "keep" }) };
    assert.equal((await refusals(rule("tests-passed"), lying)).length, 1);
  });
});
