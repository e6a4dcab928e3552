import { z } from "zod";
import { EXIT, UserError } from "../errors.js";
import type { CommentTarget } from "./comment-target.js";
import { GitHost, messageOf, PATIENCE, Unsure, type Answer, type Patience } from "./git-host.js";

/** What became of a comment. */
export interface Posted {
  readonly done: "written" | "updated";
  /** Where people see it. */
  readonly url: string;
  /** What a person should know besides, a sentence; null for nothing. */
  readonly remark: string | null;
}

const commentSchema = z.object({ id: z.int(), html_url: z.string().default(""), body: z.string().nullish(), user: z.object({ login: z.string() }).nullable() });
type Comment = z.output<typeof commentSchema>;

/** Who writes with the token that GitHub Actions gives a job; such a token may not ask who it is. */
const ACTIONS = "github-actions[bot]";
/** Pages of 100 comments that are looked at; a pull request takes no more than 2,500 comments. */
const PAGES = 50;
/** How often a comment is written anew when nobody knows what became of the last try. */
const WRITES = 3;

/**
 * Writes the comment of an application to a pull request: in place of the one that the same author wrote before, else as a new one. Comments of others are
 * left alone, whatever they hold.
 * @param marker the first line of every comment of the application, by which it is found again
 * @throws UserError with one sentence: usage when the token, the repository or the pull request is wrong; internal when the Git host does not answer
 */
export async function postComment(target: CommentTarget, marker: string, markdown: string, patience: Patience = PATIENCE): Promise<Posted> {
  const host = new GitHost(target, patience);
  const author = target.author ?? (await whoWrites(host, target));
  for (let writes = 1; ; writes += 1) {
    // Looked for again after a try whose end is not known: it may have been written.
    const found = await findComment(host, target, author, marker);
    try {
      return await write(host, target, author, found, markdown);
    } catch (error) {
      if (!(error instanceof Unsure)) throw error;
      if (writes === WRITES) throw host.gaveUp(error.message, writes);
      await patience.sleep(patience.pauses[writes - 1] ?? 1_000);
    }
  }
}

async function whoWrites(host: GitHost, target: CommentTarget): Promise<string> {
  const answer = await host.ask("GET", "/user");
  const login = z.object({ login: z.string().min(1) }).safeParse(answer.body);
  if (answer.status === 200 && login.success) return login.data.login;
  if (answer.status === 403 || answer.status === 404) return ACTIONS;
  throw refusal(host, target, answer);
}

async function findComment(host: GitHost, target: CommentTarget, author: string, marker: string): Promise<Comment | null> {
  let next: string | null = `/repos/${target.repository}/issues/${target.pullRequest}/comments?per_page=100`;
  for (let page = 0; next !== null && page < PAGES; page += 1) {
    const answer: Answer = await host.ask("GET", next);
    const comments = z.array(commentSchema).safeParse(answer.body);
    if (answer.status !== 200 || !comments.success) throw refusal(host, target, answer);
    const found = comments.data.find(({ user, body }) => user?.login === author && firstLine(body ?? "") === marker);
    if (found !== undefined) return found;
    next = nextPage(answer.headers.get("link"), target.api);
  }
  return null;
}

async function write(host: GitHost, target: CommentTarget, author: string, found: Comment | null, markdown: string): Promise<Posted> {
  const comments = `/repos/${target.repository}/issues`;
  const answer = found === null ? await host.ask("POST", `${comments}/${target.pullRequest}/comments`, { body: markdown }) : await host.ask("PATCH", `${comments}/comments/${found.id}`, { body: markdown });
  // Somebody has deleted it since it was found.
  if (found !== null && answer.status === 404) return write(host, target, author, null, markdown);
  const written = commentSchema.safeParse(answer.body);
  if (answer.status !== (found === null ? 201 : 200) || !written.success) throw refusal(host, target, answer);
  const by = written.data.user?.login ?? author;
  const remark = by === author ? null : `The comment was written by "${by}", not by "${author}"; set MISSION_COMMENT_AUTHOR to "${by}", so that it is found again and updated in place.`;
  return { done: found === null ? "written" : "updated", url: written.data.html_url, remark };
}

function firstLine(body: string): string {
  return body.split(/\r?\n/, 1)[0]?.trim() ?? "";
}

/** The address of the next page, as the Git host gives it; only below the interface that the token is meant for. */
function nextPage(link: string | null, api: string): string | null {
  const address = /<([^<>]+)>\s*;\s*rel="?next"?/.exec(link ?? "")?.[1];
  if (address === undefined) return null;
  if (URL.parse(address)?.origin !== new URL(api).origin) throw new UserError(EXIT.internal, "The Git host names a page of comments at another address than its own; the token is not sent there.");
  return address;
}

/** Why it cannot be done, in one sentence. What the host says is repeated only where it is about the comment. */
function refusal(host: GitHost, { repository, pullRequest, token }: CommentTarget, { status, body }: Answer): UserError {
  const at = `The Git host at ${host.host}`;
  const sentence = (): string => {
    if (status === 401) return `${at} does not accept GITHUB_TOKEN (401); give one that is valid and has not expired.`;
    if (status === 403) return `GITHUB_TOKEN may not write comments in "${repository}" (403); give the job "permissions: { pull-requests: write }". The token of a pull request from a fork may only read: print the preview into the job's summary there.`;
    if (status === 404 || status === 410) return `"${repository}" has no pull request ${pullRequest} that GITHUB_TOKEN can see (${status}); correct GITHUB_REPOSITORY or --pull-request, or give the token access.`;
    if (status >= 300 && status <= 399) return `${at} answered ${status}, a redirect, which is not followed; correct GITHUB_API_URL, or GITHUB_REPOSITORY when "${repository}" was renamed.`;
    const said = messageOf(body).replaceAll(token, "***").replace(/\s+/g, " ").slice(0, 200);
    return `${at} did not take the comment (${status})${said === "" ? "." : `: ${said}`}`;
  };
  return new UserError(status >= 200 && status <= 299 ? EXIT.internal : EXIT.usage, sentence());
}
