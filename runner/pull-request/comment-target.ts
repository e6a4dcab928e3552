import type { Diagnostic } from "../../model/diagnostic.js";
import { EXIT, UserError } from "../errors.js";
import type { EventRead } from "./pull-request-event.js";

/** Where a comment goes, and as whom. */
export interface CommentTarget {
  /** Address of the REST interface, without a slash at its end. */
  readonly api: string;
  /** `owner/name`. */
  readonly repository: string;
  readonly pullRequest: number;
  /** Never shown. */
  readonly token: string;
  /** Who writes, when it is said; otherwise the Git host is asked. */
  readonly author: string | null;
}

const DEFAULT_API = "https://api.github.com";
const LOOPBACK = ["127.0.0.1", "localhost", "[::1]"];

/**
 * Reads where a comment goes from the variables that GitHub Actions sets.
 * @param pullRequest what `--pull-request` says; default: the event's
 * @throws UserError (usage) with every mistake at once
 */
export function commentTarget(environment: NodeJS.ProcessEnv, event: EventRead, pullRequest?: string): CommentTarget {
  const mistakes: Diagnostic[] = [];
  const refuse = (path: string, message: string) => void mistakes.push({ path, message });
  const api = (environment["GITHUB_API_URL"] || DEFAULT_API).replace(/\/+$/, "");
  const address = URL.parse(api);
  if (address === null || !(address.protocol === "https:" || (address.protocol === "http:" && LOOPBACK.includes(address.hostname)))) refuse("GITHUB_API_URL", "is no https address; a token is sent there, so give one, such as https://api.github.com.");
  else if (address.username !== "" || address.password !== "" || address.search !== "" || address.hash !== "") refuse("GITHUB_API_URL", "holds a user, a password, a query or a fragment; give the bare address of the REST interface.");
  const repository = environment["GITHUB_REPOSITORY"] ?? "";
  if (repository === "") refuse("GITHUB_REPOSITORY", "is not set; set it to owner/name of the repository.");
  // "." and ".." would lead to another place of the interface.
  else if (!/^[A-Za-z0-9][A-Za-z0-9-]*\/(?!\.{1,2}$)[A-Za-z0-9._-]+$/.test(repository)) refuse("GITHUB_REPOSITORY", `is ${JSON.stringify(repository)}; allowed is owner/name.`);
  const token = environment["GITHUB_TOKEN"] ?? "";
  if (token === "") refuse("GITHUB_TOKEN", "is not set; give the job's token by the environment (env: GITHUB_TOKEN: ${{ github.token }}).");
  else if (!/^[\x21-\x7e]+$/.test(token)) refuse("GITHUB_TOKEN", "holds a blank, a line end or a letter that no token has; give the token alone.");
  const number = pullRequest === undefined ? (event.event?.number ?? null) : /^[1-9]\d{0,8}$/.test(pullRequest) ? Number(pullRequest) : null;
  if (number === null && pullRequest !== undefined) refuse("--pull-request", `is ${JSON.stringify(pullRequest)}; allowed is the number of a pull request, such as 12.`);
  else if (number === null) refuse("--pull-request", `is missing, and GITHUB_EVENT_PATH ${event.event === null ? event.why : "has none"}; give the number of the pull request.`);
  const author = environment["MISSION_COMMENT_AUTHOR"] || null;
  if (mistakes.length > 0 || number === null) throw new UserError(EXIT.usage, "The comment has no place to go:", mistakes);
  return { api, repository, pullRequest: number, token, author };
}
