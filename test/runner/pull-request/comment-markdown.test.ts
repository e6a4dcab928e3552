import "../../support/seed.js";
import assert from "node:assert/strict";
import fc from "fast-check";
import { UserError } from "../../../runner/errors.js";
import { makePlan } from "../../../runner/plan/make-plan.js";
import type { PreviewSummary } from "../../../runner/plan/preview-summary.js";
import { packResults, type PoliciesOfPreview } from "../../../runner/policies/pack-results.js";
import type { PolicyReport, Violation } from "../../../runner/policies/policy-report.js";
import { COMMENT_LIMIT, commentMarkdown, markerOf } from "../../../runner/pull-request/comment-markdown.js";
import { foreignMarkdown, inline } from "../../../runner/pull-request/escape.js";
import { fit } from "../../../runner/pull-request/fit.js";
import { failing, gatesOf, type PullRequestPreview } from "../../../runner/pull-request/pull-request-preview.js";
import { refusedBy, refusedMarkdown } from "../../../runner/pull-request/refused-markdown.js";
import { secretsHidden } from "../../../runner/pull-request/secrets.js";
import { formsOf } from "../../../runner/engine/search-state.js";
import { planInputs, type Differences } from "../../support/plan-inputs.js";

const ZWSP = "\u200b";
const previewed = (stack: string): PreviewSummary => ({ stack, exists: true, counts: { create: 0, update: 2, replace: 0, delete: 0, same: 9 }, changes: [{ type: "sandbox:index:Slot", name: "web-green", operation: "update", words: 'sandbox:index:Slot "web-green" is changed: spec.' }], errors: [] });
const REPORT: PolicyReport = { ran: ["instances", "tests-passed"], judgements: 4, violations: [], cannotRun: [], unjudged: [] };
const UNJUDGED = { staging: previewed("shop-staging"), production: previewed("shop-production") };
/** Previews that a pack has judged, which says this of production. */
const judged = (said: Partial<PolicyReport>, { staging, production } = UNJUDGED) => ({
  staging: { ...staging, policies: { pack: "sha256:a", problem: null, report: REPORT } },
  production: { ...production, policies: { pack: "sha256:a", problem: null, report: { ...REPORT, ...said } } },
});
const previewOf = (differences: Differences = {}, more: Partial<PullRequestPreview> = {}): PullRequestPreview => {
  const plan = makePlan(planInputs({ ...differences, inputs: { preview: judged({}), ...differences.inputs } }));
  return { plan, policies: plan.preview === null ? null : packResults(plan.preview, { validated: false, hotfix: false }), differences: [], modelOnly: null, ...more };
};
const judgedBy = (said: Partial<PolicyReport>): PullRequestPreview => previewOf({ inputs: { preview: judged(said) } });
const stateOf = (preview: PullRequestPreview, name = "policies-judged") => gatesOf(preview).find(({ gate }) => gate === name)?.state;
const violation = (policy: string, message: string, enforcement = "mandatory"): Violation => ({ policy, enforcement, about: 'service "web"', message });
/** A part of a comment, from one heading to the next. */
const part = (markdown: string, heading: string): string => new RegExp(`^### ${heading}\n\n([\\s\\S]*?)\n\n(?=### |<sub>|<details>)`, "m").exec(markdown)?.[1] ?? assert.fail(`There is no part "${heading}" in:\n${markdown}`);

describe("the comment on a pull request", () => {
  it("begins with the marker, what it is about and a verdict, and says per service what changes", () => {
    const markdown = commentMarkdown(previewOf());
    assert.ok(
      markdown.startsWith(
        [
          "<!-- mission-deploy:shop -->",
          "## shop 1.1.0: PASS so far",
          "",
          "Nothing stands in its way now; 10 gates are judged later.",
          "",
          "### What changes",
          "",
          "**staging** (stack `shop-staging` on sandbox, 1 instance a slot)",
          "",
          "| service | what becomes of it |",
          "| --- | --- |",
          '| web | 1.1.0 goes dark into "green"; "blue" with 1.0.0 keeps serving. |',
          "",
          "**production** (stack `shop-production` on sandbox, 2 instances a slot)",
          "",
          "| service | what becomes of it |",
          "| --- | --- |",
          '| web | 1.1.0 goes dark into "green"; "blue" with 1.0.0 keeps serving. |',
          "",
          "<details><summary>Infrastructure of shop-staging: 0 made, 2 changed, 0 replaced, 0 removed, 9 as before</summary>",
          "",
          '- sandbox:index:Slot "web-green" is changed: spec.',
          "",
          "</details>",
          "",
        ].join("\n"),
      ),
      markdown,
    );
  });

  it("shows each gate with its state, and of those that are judged later by whom and when", () => {
    const gates = part(commentMarkdown(previewOf()), "Gates").split("\n");
    assert.deepEqual(gates.slice(0, 3), ["| gate | state |  |", "| --- | --- | --- |", "| window-open | PASS | No window is set, so changes may begin at any time. |"]);
    assert.ok(gates.includes("| tests-passed | PENDING | No test failed, and more than none ran, on this commit. Judged by the mission, in phase validate, before anything is deployed. |"));
    assert.ok(gates.includes("| checklist-complete | PENDING | Every item is passed, or waived by name with a reason. Judged by the mission, and whoever confirms its items, in phase validate. |"));
    assert.ok(gates.includes("| policies-judged | PASS | 2 policies have judged both stacks and refuse nothing. |"));
  });

  it("says how long it takes, how many requests a step needs, and how long going back takes while the old slot is warm and later", () => {
    const markdown = commentMarkdown(previewOf({ production: { keepWarm: "2h", progressDeadline: "10m" } }));
    assert.match(part(markdown, "Steps"), /^Strategy blue-green: 10 % for 5s, 50 % for 5s, 100 % for 5s\.\n\n\| weight \| bake \|.*\| until 50 requests \| until 598 requests \|/);
    assert.match(part(markdown, "Time"), /^About 1 min 15 s, at most \d+ min/);
    assert.deepEqual(part(markdown, "Going back").split("\n").slice(2), [
      "| when | at most |",
      "| --- | --- |",
      "| until 2h after the release is live (the old slot is warm) | 5 min (the limit; drilled in staging before production is touched) |",
      "| later (the old instances are started first) | 15 min |",
    ]);
    assert.match(part(commentMarkdown(previewOf({ production: { keepWarm: "0s" } })), "Going back"), /\| after the release is live \(the old slot is not kept warm\) \| 6 min \|$/);
    assert.equal(part(commentMarkdown(previewOf({ inputs: { observed: { staging: {}, production: {} } } })), "Going back"), "Nothing to return to: it is the first release.");
  });

  it("puts what fails first, and is red on FAIL alone", () => {
    const frozen = previewOf({ inputs: { standing: { staging: { freeze: null, hold: null }, production: { freeze: { reason: "incident 7", by: "ada", at: "2026-11-25T11:00:00Z" }, hold: null } } } });
    const markdown = commentMarkdown(frozen);
    assert.match(markdown, /^## shop 1\.1\.0: FAIL\n\nIt would be refused: no-freeze does not pass; 10 gates are judged later\.$/m);
    assert.match(part(markdown, "Gates").split("\n")[2] ?? "", /^\| no-freeze \| \*\*FAIL\*\* \| Stack "shop-production" is frozen/);
    assert.deepEqual(failing(frozen).map(({ gate }) => gate), ["no-freeze"]);
    const unknown = previewOf({ inputs: { gates: [{ gate: "tests-passed", verdict: "INCONCLUSIVE", summary: "No test ran.", details: [], measured: {} }] } });
    assert.match(commentMarkdown(unknown), /: not known yet\n\nNothing failed, but tests-passed could not be judged, and only PASS passes; 9 gates are judged later\./);
    assert.deepEqual(failing(unknown), []);
  });

  it("gives the policies' results, and takes for pending what only waits for the mission's evidence", () => {
    const waiting = violation("tests-passed", "There is no test result of this commit.");
    const wrong = violation("weights-sum-to-100", 'The weights of | "web" sum to 90.');
    const refused = judgedBy({ violations: [waiting, wrong] });
    assert.deepEqual([stateOf(refused), failing(refused).map(({ gate }) => gate)], ["FAIL", ["policies-judged"]]);
    assert.deepEqual(part(commentMarkdown(refused), "Policies").split("\n"), [
      "2 ran, 2 refusals, 0 could not run.",
      "",
      "| policy | about | state | why |",
      "| --- | --- | --- | --- |",
      '| tests-passed | service "web" in shop-production | PENDING: the mission makes its evidence | There is no test result of this commit. |',
      '| weights-sum-to-100 | service "web" in shop-production | **FAIL** | The weights of &#124; "web" sum to 90. |',
    ]);
    assert.equal(stateOf(judgedBy({ violations: [waiting] })), "PENDING");
    assert.ok(part(commentMarkdown(judgedBy({ violations: [waiting] })), "Gates").includes("| policies-judged | PENDING | 2 policies have judged both stacks; what they refuse now rests on evidence that comes later (1). Judged by the policy pack, at the up that it is about. |"));
  });

  it("lets no pack pass that did not run: silence and one that cannot are ERROR, and a refusal beside it is FAIL", () => {
    assert.deepEqual([{}, { ran: [] }, { cannotRun: ["It threw."] }, { unjudged: ["web"] }, { violations: [violation("instances", "m", "advisory")] }].map((said) => stateOf(judgedBy(said))), ["PASS", "ERROR", "ERROR", "ERROR", "PASS"]);
    assert.equal(stateOf(previewOf({ inputs: { preview: UNJUDGED } })), "ERROR", "nobody asked the pack");
    assert.equal(stateOf(judgedBy({ cannotRun: ["It threw."], violations: [violation("instances", "m")] })), "FAIL");
    assert.match(part(commentMarkdown(judgedBy({ cannotRun: ["The <pack> is away."] })), "Policies"), /\n- Could not run: Stack "shop-production": The &lt;pack&gt; is away\.$/);
  });

  it("takes the pack's word from both stacks, and silence about one of them for no result", () => {
    const asked = (stack: string, more: Partial<PolicyReport> = {}) => ({ stack, errors: [], policies: { problem: null, report: { ...REPORT, ...more } } });
    const both = (staging: PoliciesOfPreview, production: PoliciesOfPreview) => packResults({ staging, production }, { validated: false, hotfix: false });
    assert.equal(both({ stack: "a", errors: [] }, { stack: "b", errors: [] }), null);
    assert.deepEqual(both(asked("a"), asked("b", { ran: ["instances"] })), { ran: 2, refusals: [], cannotRun: [] });
    assert.deepEqual(both(asked("a", { violations: [violation("instances", "m"), violation("instances", "m", "advisory")] }), asked("b"))?.refusals, [{ policy: "instances", about: 'service "web"', stack: "a", message: "m", later: false }]);
    assert.deepEqual(both(asked("a", { unjudged: ["web"], cannotRun: ["It threw."] }), { stack: "b", errors: [] })?.cannotRun, ['Stack "a": It threw.', 'Stack "a": no policy has judged service "web".', 'Nobody asked the pack about stack "b".']);
    assert.deepEqual(both({ stack: "a", errors: [], policies: { problem: "It is not built.", report: null } }, asked("b"))?.cannotRun, ['Stack "a": It is not built.']);
    assert.deepEqual(both({ ...asked("a", { ran: [], unjudged: ["web"] }), errors: ["No plugin."] }, asked("b"))?.cannotRun, [], "a preview that failed tells by itself why nobody judged");
  });

  it("keeps release notes in their place, whatever is in them", () => {
    const notes = "# Notes\r\rThanks @ada, fixes #12 and GH-9.\n\n</details> <!-- mission-deploy:shop -->\n<img src=x> ![pixel](https://tracker.example.org/x)\n| a | b |\n`code`\u202e";
    assert.deepEqual(part(commentMarkdown(previewOf({ subject: { notes } })), "Release notes").split("\n"), [
      "> # Notes",
      ">",
      `> Thanks @${ZWSP}ada, fixes #${ZWSP}12 and GH-${ZWSP}9.`,
      ">",
      `> <${ZWSP}/details> <${ZWSP}!-- mission-deploy:shop -->`,
      `> <${ZWSP}img src=x> !${ZWSP}[pixel](https://tracker.example.org/x)`,
      "> | a | b |",
      "> `code`",
    ]);
  });

  it("escapes what users say elsewhere, so that it stays in its cell and mentions nobody", () => {
    const reason = "moving | house @ops <!-- *now* --> `x` [y](http://z)\nsecond | line";
    const markdown = commentMarkdown(previewOf({ production: { window: { deny: [{ from: "2026-11-01T00:00", to: "2026-12-01T00:00", reason }] } } }));
    const row = part(markdown, "Gates").split("\n")[2] ?? "";
    assert.ok(row.includes(`moving &#124; house @${ZWSP}ops &lt;!-- \\*now\\* --&gt; \\\`x\\\` \\[y\\](http&#58;//z)<br>second &#124; line`), row);
  });

  it("is no longer than a comment may be: notes are cut first, at a line, and it says so", () => {
    const notes = Array.from({ length: 9_000 }, (_, index) => `line ${index}`).join("\n");
    const markdown = commentMarkdown(previewOf({ subject: { notes } }), { limit: COMMENT_LIMIT });
    assert.ok(markdown.length <= COMMENT_LIMIT && markdown.length > COMMENT_LIMIT - 20, String(markdown.length));
    const shown = Number(/\*Cut to fit into a comment: (\d+) of 9000 lines are shown; `\.\/mission preview` prints all\.\*/.exec(markdown)?.[1]);
    assert.ok(markdown.includes(`> line ${shown - 1}\n\n*Cut`) && !markdown.includes(`> line ${shown}\n`));
    assert.ok(markdown.trimEnd().endsWith("</sub>"));
    assert.ok(commentMarkdown(previewOf({ subject: { notes } })).includes("> line 8999\n"));
  });

  it("stays within the limit with thousands of changes, differences and refusals, and keeps gates and verdict", () => {
    const many = (count: number) => Array.from({ length: count }, (_, index) => `Something ${index} ${"x".repeat(200)}`);
    const preview = judged({ violations: many(1_000).map((message) => violation("instances", message)) }, { ...UNJUDGED, production: { ...UNJUDGED.production, changes: many(800).map((words) => ({ type: "t", name: "n", operation: "update" as const, words })) } });
    const markdown = commentMarkdown(previewOf({ inputs: { preview }, subject: { notes: many(200).join("\n") } }, { differences: many(400) }), { limit: COMMENT_LIMIT });
    assert.ok(markdown.length <= COMMENT_LIMIT, String(markdown.length));
    assert.match(markdown, /: FAIL\n\nIt would be refused: policies-judged does not pass/);
    assert.match(markdown, /\| policies-judged \| \*\*FAIL\*\* \| Stack "shop-production": policy "instances" refuses service "web": Something 0 /);
    assert.ok((markdown.match(/\*Cut to fit into a comment/g) ?? []).length >= 4);
    assert.equal((markdown.match(/<details>/g) ?? []).length, (markdown.match(/<\/details>/g) ?? []).length);
  });

  it("says on top that it is made by the model alone, and shows nothing that was only assumed", () => {
    const markdown = commentMarkdown(previewOf({}, { modelOnly: "The pull request comes from a fork, whose jobs get no credentials." }));
    assert.match(markdown, /gates are judged later\.\n\n> \*\*This is a model-level preview\.\*\* The pull request comes from a fork, whose jobs get no credentials\.\n> It is made from mission\.yaml/);
    assert.match(markdown, /> It does not know what serves now/);
    for (const assumption of ['"blue" with 1.0.0', "Users return:", "Plan `", "Infrastructure of"]) assert.ok(!markdown.includes(assumption), assumption);
  });

  it("tells mistakes of a configuration, and a build that failed, as what a mission would refuse", () => {
    const mistakes = new UserError(2, '"." cannot be deployed:', [{ path: "Pulumi.shop-production.yaml: mission:instances", message: "is 1; production needs at least 2." }]);
    const refused = refusedBy(mistakes, "shop") ?? assert.fail();
    assert.equal(
      refusedMarkdown(refused),
      '<!-- mission-deploy:shop -->\n## shop: FAIL\n\nIt would be refused: its configuration has one mistake, so nothing else is known.\n\n- "Pulumi.shop-production.yaml: mission:instances" is 1; production needs at least 2.\n',
    );
    assert.match(refusedMarkdown(refusedBy(new UserError(4, "The build failed with exit code 1. Its last lines:\n<b>@ada</b>"), "shop") ?? assert.fail()), new RegExp(`the build fails, so nothing else is known\\.\n\n- The build failed with exit code 1\\. Its last lines:<br>&lt;b&gt;@${ZWSP}ada&lt;/b&gt;\n$`));
    assert.deepEqual([refusedBy(new UserError(2, "x", [{ path: "--strategy", message: "is wrong." }]), "shop"), refusedBy(new UserError(7, "locked"), "shop")], [null, null]);
  });

  it("holds no secret of the environment in any form", () => {
    const secret = 'can"ary/+secret value&7';
    const hide = secretsHidden({ GITHUB_TOKEN: secret, PULUMI_CONFIG_PASSPHRASE_FILE: "/run/passphrase", SHORT_KEY: "abc" });
    const text = formsOf(secret).join(" ");
    const markdown = commentMarkdown(previewOf({ subject: { notes: text }, production: { window: { deny: [{ from: "2026-11-01T00:00", to: "2026-12-01T00:00", reason: text }] } } }, { differences: [text] }), { hide });
    for (const form of [...formsOf(secret), inline(secret), "ary/+secret"]) assert.ok(!markdown.includes(form), form);
    assert.ok(markdown.includes("***") || markdown.includes("\\*\\*\\*"));
    assert.equal(hide("abc /run/passphrase"), "abc /run/passphrase");
  });
});

describe("texts of users", () => {
  /** Every text that could do something in Markdown, mixed. */
  const text = fc.string({ unit: fc.constantFrom("<", ">", "!", "-", "|", "\n", "\r", "\\", "`", "*", "_", "[", "]", "(", ")", "@", "#", "1", "a", " ", "&", "$", "~", ":", "/", "\u200b", "\u202e", "😀"), maxLength: 60 });

  it("stay in one line and one cell, with no tag, no comment, and nobody mentioned", () =>
    fc.assert(
      fc.property(text, (any) => {
        // What stands between two characters parts them, so it must not vanish here.
        const shown = inline(any).replaceAll("<br>", " ").replace(/&#?\w+;/g, " ");
        assert.doesNotMatch(shown, /[\n\r<>|$]|@[a-z1]|#\d|:\/\//);
        assert.equal(shown.replace(/\\[\\`*_[\]~]/g, "").search(/[\\`*_[\]~]/), -1);
      }),
    ));

  it("as Markdown have no tag and no comment either, and no other line end than one", () => fc.assert(fc.property(text, (any) => assert.doesNotMatch(foreignMarkdown(any), /\r|<[A-Za-z/!?]|@[a-z1]|#\d|!\[/))));

  it("of any length and number are cut to the limit, and the heads stay", () =>
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.array(fc.string({ maxLength: 80 }), { maxLength: 60 }), fc.integer({ min: 1, max: 4 })), { minLength: 1, maxLength: 6 }), fc.integer({ min: 1_200, max: 9_000 }), (parts, limit) => {
        const sections = parts.map(([body, rank], index) => ({ head: [`### ${index}`, ""], body: body.map((line) => line.replace(/\n/g, " ")), tail: ["", "</details>"], rank }));
        const whole = fit(sections);
        const cut = fit(sections, limit);
        assert.ok(cut.length <= limit, `${cut.length} > ${limit}`);
        if (whole.length <= limit) assert.equal(cut, whole);
        else assert.match(cut, /\*Cut to fit/);
        for (const [index] of parts.entries()) assert.ok(cut.includes(`### ${index}`));
      }),
    ));

  it("names the application in a marker that nobody sees", () => assert.equal(markerOf("shop"), "<!-- mission-deploy:shop -->"));
});
