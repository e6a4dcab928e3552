import assert from "node:assert/strict";
import { UserError } from "../../../runner/errors.js";
import { commentTarget } from "../../../runner/pull-request/comment-target.js";
import { PATIENCE } from "../../../runner/pull-request/git-host.js";
import { postComment } from "../../../runner/pull-request/post-comment.js";
import { CommentApi } from "../../support/comment-api.js";

const TOKEN = "ghs_canary-4f1d8a77";
const SHOP = "<!-- mission-deploy:shop -->";
const BLOG = "<!-- mission-deploy:blog -->";
const BOT = "github-actions[bot]";

describe("a comment on a pull request", () => {
  let api: CommentApi;
  let waits: number[];
  beforeEach(async () => {
    waits = [];
    api = await CommentApi.start({ [TOKEN]: null, "pat-of-ada": "ada" });
  });
  afterEach(() => api.stop());

  const post = (marker: string, text: string, { token = TOKEN, pullRequest = 7, author = null as string | null } = {}) =>
    postComment({ api: api.url, repository: "octo/shop", pullRequest, token, author }, marker, `${marker}\n${text}`, { ...PATIENCE, sleep: (milliseconds) => Promise.resolve(void waits.push(milliseconds)) });
  /** The one sentence with which it ends. */
  const refused = async (work: Promise<unknown>): Promise<{ code: number; message: string }> => {
    const error: unknown = await work.then(() => assert.fail("It went through."), (reason: unknown) => reason);
    assert.ok(error instanceof UserError, String(error));
    assert.ok(!error.message.includes(TOKEN) && !(error.stack ?? "").includes(TOKEN));
    return { code: error.exitCode, message: error.message };
  };
  const bodies = () => api.comments.map(({ user, body }) => [user?.login, body]);

  it("is written once, and updated in place from then on", async () => {
    assert.deepEqual(await post(SHOP, "first"), { done: "written", url: "https://git.example.org/octo/shop/pull/7#issuecomment-1001", remark: null });
    assert.equal((await post(SHOP, "second")).done, "updated");
    assert.deepEqual(bodies(), [[BOT, `${SHOP}\nsecond`]]);
  });

  it("of two applications in one pull request stands beside the other, each updated on its own", async () => {
    await post(SHOP, "shop 1");
    await post(BLOG, "blog 1");
    await post(SHOP, "shop 2");
    await post(BLOG, "blog 2");
    assert.deepEqual(bodies(), [[BOT, `${SHOP}\nshop 2`], [BOT, `${BLOG}\nblog 2`]]);
  });

  it("is found behind pages of other comments, and no page is asked for after it", async () => {
    api.pageSize = 10;
    for (let index = 0; index < 34; index += 1) api.add("ada", `comment ${index}`);
    const own = api.add(BOT, `${SHOP}\r\nfirst`);
    for (let index = 0; index < 30; index += 1) api.add(null, `of an account that is gone ${index}`);
    assert.equal((await post(SHOP, "second")).done, "updated");
    assert.equal(own.body, `${SHOP}\nsecond`);
    assert.equal(api.asked.filter((line) => line.startsWith("GET /repos/")).length, 4);
  });

  it("leaves comments of others with the same marker alone, and its own where the marker is only quoted", async () => {
    const before = [["mallory", `${SHOP}\nPASS, trust me`], [BOT, `> ${SHOP}\nquoted`], [null, `${SHOP}\ngone`]] as const;
    for (const [login, body] of before) api.add(login, body);
    assert.equal((await post(SHOP, "real")).done, "written");
    assert.deepEqual(bodies(), [...before.map(([login, body]) => [login ?? undefined, body]), [BOT, `${SHOP}\nreal`]]);
  });

  it("of a person's token is the person's, and one of the bot is left alone", async () => {
    api.add(BOT, `${SHOP}\nby the bot`);
    await post(SHOP, "1", { token: "pat-of-ada" });
    await post(SHOP, "2", { token: "pat-of-ada" });
    assert.deepEqual(bodies(), [[BOT, `${SHOP}\nby the bot`], ["ada", `${SHOP}\n2`]]);
  });

  it("that was written by another name than expected says how it is found again", async () => {
    const { remark } = await post(SHOP, "1", { author: "deployer[bot]" });
    assert.equal(remark, `The comment was written by "${BOT}", not by "deployer[bot]"; set MISSION_COMMENT_AUTHOR to "${BOT}", so that it is found again and updated in place.`);
  });

  it("that somebody deletes between being found and being updated is written anew", async () => {
    api.add(BOT, `${SHOP}\nfirst`);
    api.fail("PATCH", { status: 404, message: "Not Found" });
    assert.equal((await post(SHOP, "second")).done, "written");
  });

  it("says in one sentence that the token is not accepted, may only read, or sees no such pull request", async () => {
    assert.deepEqual(await refused(post(SHOP, "x", { token: "expired" })), { code: 2, message: `The Git host at ${new URL(api.url).host} does not accept GITHUB_TOKEN (401); give one that is valid and has not expired.` });
    api.readOnly = true;
    const { code, message } = await refused(post(SHOP, "x"));
    assert.equal(code, 2);
    assert.match(message, /^GITHUB_TOKEN may not write comments in "octo\/shop" \(403\); give the job "permissions: \{ pull-requests: write \}"\. The token of a pull request from a fork may only read/);
    assert.match((await refused(post(SHOP, "x", { pullRequest: 8 }))).message, /^"octo\/shop" has no pull request 8 that GITHUB_TOKEN can see \(404\)/);
    assert.deepEqual(waits, []);
  });

  it("waits as long as a limit of requests says, by 403, by 429 and by the time of its end", async () => {
    api.fail("GET", { status: 403, headers: { "retry-after": "7" }, message: "You have exceeded a secondary rate limit" });
    api.fail("POST", { status: 429, headers: { "retry-after": "3" } });
    api.fail("POST", { status: 403, message: "You have exceeded a secondary rate limit. Please wait a few minutes." });
    assert.equal((await post(SHOP, "first")).done, "written");
    assert.deepEqual(waits, [7_000, 3_000, 60_000]);
    assert.equal(api.comments.length, 1);
    waits = [];
    api.fail("PATCH", { status: 403, headers: { "x-ratelimit-remaining": "0", "x-ratelimit-reset": String(Math.floor(Date.now() / 1_000) + 30) } });
    await post(SHOP, "second");
    assert.ok(waits.length === 1 && (waits[0] ?? 0) > 20_000 && (waits[0] ?? 0) <= 30_000, String(waits));
  });

  it("does not wait for hours, and tries only a few times", async () => {
    api.fail("GET", { status: 429, headers: { "retry-after": "3600" } });
    assert.match((await refused(post(SHOP, "x"))).message, /takes no more requests with this token for 60 min \(429\); run it again then\.$/);
    for (let index = 0; index < 4; index += 1) api.fail("GET", { status: 429, headers: { "retry-after": "1" } });
    const { code, message } = await refused(post(SHOP, "x"));
    assert.equal(code, 1);
    assert.match(message, /it answered 429 because of too many requests \(4 tries\)/);
  });

  it("asks again after a 5xx and a lost connection, and gives up with a sentence", async () => {
    api.fail("GET", { status: 502 });
    api.fail("GET", { lost: "before" });
    assert.equal((await post(SHOP, "x")).done, "written");
    assert.deepEqual(waits, [1_000, 4_000]);
    for (let index = 0; index < 4; index += 1) api.fail("PATCH", { status: 503 });
    assert.match((await refused(post(SHOP, "y"))).message, /could not be reached for the comment: it answered 503 \(4 tries\)\. Nothing else depends on that; run it again\.$/);
  });

  it("is not written twice when the answer to a write is lost after it was carried out", async () => {
    api.fail("POST", { lost: "after" });
    assert.equal((await post(SHOP, "x")).done, "updated");
    assert.equal(api.comments.length, 1);
    api.comments.length = 0;
    api.fail("POST", { status: 502, after: true });
    assert.equal((await post(SHOP, "y")).done, "updated");
    api.comments.length = 0;
    api.fail("POST", { lost: "before" });
    assert.equal((await post(SHOP, "z")).done, "written");
    assert.deepEqual(bodies(), [[BOT, `${SHOP}\nz`]]);
  });

  it("ends with a sentence when nobody listens, and when a write never ends well", async () => {
    for (let index = 0; index < 3; index += 1) api.fail("POST", { status: 500 });
    assert.match((await refused(post(SHOP, "x"))).message, /it answered 500 \(3 tries\)/);
    await api.stop();
    assert.match((await refused(post(SHOP, "x"))).message, /ECONNREFUSED \(4 tries\)/);
    api = await CommentApi.start({});
  });

  it("sends the token nowhere else: neither to a redirect nor to a page at another address", async () => {
    const other = await CommentApi.start({ [TOKEN]: null });
    try {
      api.fail("GET", { status: 301, headers: { location: `${other.url}/repos/octo/shop/issues/7/comments` } });
      assert.match((await refused(post(SHOP, "x", { author: BOT }))).message, /answered 301, a redirect, which is not followed; correct GITHUB_API_URL/);
      api.pageSize = 1;
      api.pagesAt = other.url;
      for (const body of ["1", "2"]) api.add("ada", body);
      assert.match((await refused(post(SHOP, "x"))).message, /names a page of comments at another address than its own/);
      assert.deepEqual(other.asked, []);
    } finally {
      await other.stop();
    }
  });
});

describe("where a comment goes", () => {
  const right = { GITHUB_REPOSITORY: "octo/shop", GITHUB_TOKEN: TOKEN, GITHUB_API_URL: "https://git.example.org/api/v3/" };
  const none = { event: null, why: "is not set" } as const;
  const mistakes = (environment: NodeJS.ProcessEnv, pullRequest?: string): string => {
    try {
      commentTarget(environment, none, pullRequest);
    } catch (error) {
      assert.ok(error instanceof UserError && error.exitCode === 2);
      assert.ok(!error.message.includes(TOKEN));
      return error.message;
    }
    return assert.fail("It was taken.");
  };

  it("is what the workflow's variables and its event say, or --pull-request", () => {
    const event = { event: { number: 12, fork: false } };
    assert.deepEqual(commentTarget(right, event), { api: "https://git.example.org/api/v3", repository: "octo/shop", pullRequest: 12, token: TOKEN, author: null });
    assert.deepEqual([commentTarget(right, event, "13").pullRequest, commentTarget({ ...right, GITHUB_API_URL: "" }, event).api], [13, "https://api.github.com"]);
  });

  it("is refused with every mistake at once, a sentence each", () => {
    const said = mistakes({ GITHUB_API_URL: "http://git.example.org" });
    for (const part of [/GITHUB_API_URL" is no https address/, /GITHUB_REPOSITORY" is not set/, /GITHUB_TOKEN" is not set/, /--pull-request" is missing, and GITHUB_EVENT_PATH is not set/]) assert.match(said, part);
    assert.match(mistakes({ ...right, GITHUB_TOKEN: `${TOKEN}\n` }, "0"), /GITHUB_TOKEN" holds a blank[\s\S]*--pull-request" is "0"; allowed is the number/);
    for (const repository of ["shop", "octo/..", "octo/shop/../../user", "octo/shop?x"]) assert.match(mistakes({ ...right, GITHUB_REPOSITORY: repository }, "1"), /GITHUB_REPOSITORY" is ".*"; allowed is owner\/name/);
    assert.match(mistakes({ ...right, GITHUB_API_URL: "https://user:pw@git.example.org" }, "1"), /holds a user, a password/);
  });
});
