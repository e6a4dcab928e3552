import assert from "node:assert/strict";
import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CommentApi } from "../support/comment-api.js";
import { MissionProject, run, type Finished } from "../support/mission-project.js";
import { tinyApp } from "../support/tiny-app.js";

const TOKEN = "ghs_canary-9b2c77e1";

describe("mission preview", function () {
  this.timeout(120_000);
  const project = MissionProject.create();
  const app = tinyApp("previewed");
  let api: CommentApi;
  before(async () => {
    api = await CommentApi.start({ [TOKEN]: null });
  });
  after(async () => {
    await api.stop();
    await project.remove();
    rmSync(app, { recursive: true, force: true });
  });

  /** Runs it as a workflow does. */
  const inWorkflow = (environment: NodeJS.ProcessEnv, ...args: readonly string[]): Promise<Finished> =>
    run(process.execPath, [join(project.root, "dist", "runner", "cli", "main.js"), "preview", app, ...args], {
      cwd: project.root,
      env: { ...project.environment(), GITHUB_API_URL: api.url, GITHUB_REPOSITORY: "octo/shop", GITHUB_TOKEN: TOKEN, ...environment },
    });
  const event = (head: string): string => {
    const path = join(app, "event.json");
    writeFileSync(path, JSON.stringify({ pull_request: { number: 7, head: { repo: { full_name: head } }, base: { repo: { full_name: "octo/shop" } } } }));
    return path;
  };

  it("is made by the model alone without engine, build, state or anything written", async () => {
    const { code, stdout, stderr } = await inWorkflow({ PATH: "/nowhere" }, "--model-only");
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^<!-- mission-deploy:previewed -->\n## previewed 1\.0\.0: PASS so far\n[\s\S]*\*\*This is a model-level preview\.\*\* It was asked for by --model-only\./);
    assert.deepEqual([readdirSync(project.home), existsSync(join(app, "app", "server.cjs")), api.asked], [[], false, []]);
  });

  it("of a fork without credentials comments by the model alone, and says so", async () => {
    const { code, stderr, stdout } = await inWorkflow({ GITHUB_EVENT_PATH: event("ada/shop") }, "--comment");
    assert.deepEqual([code, stdout], [0, ""], stderr);
    assert.match(stderr, /^The comment on pull request 7 of octo\/shop was written: https:\/\/git\.example\.org\/octo\/shop\/pull\/7#issuecomment-1001\n$/);
    assert.match(api.comments[0]?.body ?? "", /The pull request comes from a fork, whose jobs get no credentials\./);
  });

  it("with access previews both stacks and updates the comment in place; the token is in no output", async () => {
    writeFileSync(join(app, "NOTES.md"), `Thanks @ada. Never show ${TOKEN}.\n`);
    const { code, all, stderr } = await inWorkflow({ GITHUB_EVENT_PATH: event("octo/shop") }, "--comment", "--version", "1.1.0", "--notes", join(app, "NOTES.md"), "--output", join(app, "preview.md"));
    assert.equal(code, 0, all);
    assert.match(stderr, /The comment on pull request 7 of octo\/shop was updated/);
    assert.equal(api.comments.length, 1);
    const body = api.comments[0]?.body ?? "";
    assert.match(body, /^<!-- mission-deploy:previewed -->\n## previewed 1\.1\.0: PASS so far\n/);
    assert.match(body, /\| web \| 1\.1\.0 is the first release: it takes all traffic, and there is nothing to return to\. \|/);
    assert.match(body, /<summary>Infrastructure of previewed-production: \d+ made, 0 changed, 0 replaced, 0 removed, 0 as before \(the stack does not exist yet\)<\/summary>\n\n- sandbox:index:\w+ "[\w-]+" is made\./);
    assert.match(body, /> Thanks @\u200bada\. Never show \*\*\*\./);
    assert.equal(readFileSync(join(app, "preview.md"), "utf8"), body);
    for (const text of [all, body]) assert.ok(!text.includes(TOKEN));
  });

  it("comments on mistakes of the configuration, and ends with 5", async () => {
    const yaml = readFileSync(join(app, "mission.yaml"), "utf8");
    writeFileSync(join(app, "mission.yaml"), yaml.replace("GREETING: { default: hello }", "GREETING: { default: hello }, REGION: {}"));
    const { code, stderr } = await inWorkflow({}, "--model-only", "--comment", "--pull-request", "7");
    writeFileSync(join(app, "mission.yaml"), yaml);
    assert.equal(code, 5, stderr);
    assert.match(stderr, /Gate "configuration-complete" is FAIL: The configuration for previewed 1\.0\.0 has 2 mistakes/);
    assert.match(api.comments[0]?.body ?? "", /: FAIL\n\nIt would be refused: configuration-complete does not pass;/);
  });

  it("comments on a build that fails, and ends with 5", async () => {
    const yaml = readFileSync(join(app, "mission.yaml"), "utf8");
    writeFileSync(join(app, "mission.yaml"), yaml.replace("build: node build.cjs", "build: echo \"<b>@ada</b> token=$GITHUB_TOKEN.\" && exit 3"));
    const { code, stderr } = await inWorkflow({}, "--comment", "--pull-request", "7");
    writeFileSync(join(app, "mission.yaml"), yaml);
    assert.equal(code, 5, stderr);
    assert.match(api.comments[0]?.body ?? "", /^<!-- mission-deploy:previewed -->\n## previewed: FAIL\n\nIt would be refused: the build fails, so nothing else is known\.[\s\S]*&lt;b&gt;@\u200bada&lt;\/b&gt; token=\./);
  });

  it("prints what it worked out when the comment cannot be written, and says why in a sentence", async () => {
    const { code, stdout, stderr } = await inWorkflow({ GITHUB_TOKEN: "ghs_expired-secret" }, "--model-only", "--comment", "--pull-request", "7");
    assert.equal(code, 2);
    assert.match(stdout, /^<!-- mission-deploy:previewed -->/);
    assert.match(stderr, /^The Git host at 127\.0\.0\.1:\d+ does not accept GITHUB_TOKEN \(401\); give one that is valid and has not expired\.\n$/);
    assert.ok(!stderr.includes("ghs_expired-secret"));
  });

  it("refuses every mistake of where the comment is to go at once, before anything is read or built", async () => {
    const asked = api.asked.length;
    const { code, stdout, stderr } = await inWorkflow({ GITHUB_REPOSITORY: "", GITHUB_TOKEN: "", GITHUB_EVENT_PATH: "" }, "--comment");
    assert.deepEqual([code, stdout, api.asked.length], [2, "", asked]);
    for (const said of [/"GITHUB_REPOSITORY" is not set/, /"GITHUB_TOKEN" is not set/, /"--pull-request" is missing, and GITHUB_EVENT_PATH is not set/]) assert.match(stderr, said);
  });
});
