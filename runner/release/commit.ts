import { execFile } from "node:child_process";
import { EXIT, UserError } from "../errors.js";
import { codebaseEnvironment } from "./build-environment.js";

/**
 * The commit a codebase is at: a full hash, with `-dirty` when something below the codebase differs from it (changed, removed, or new and not
 * ignored). Null when git is not installed, the codebase is in no repository, the repository has no commit yet, or it ignores the codebase.
 * @throws UserError (missing) with git's own words when git finds a repository and will not read it
 */
export async function commitOf(codebase: string): Promise<string | null> {
  const head = await git(codebase, ["rev-parse", "--verify", "--quiet", "HEAD"]);
  if (head === null || head === "") return null;
  const changes = await git(codebase, ["status", "--porcelain", "--untracked-files=normal", "--", "."]);
  if (changes !== "") return `${head.trim()}-dirty`;
  const tracked = await git(codebase, ["ls-tree", "--name-only", "HEAD", "."]);
  return tracked === "" ? null : head.trim();
}

/** The author of a commit, `Ada <ada@example.com>`; null when git does not know it. @param commit as `commitOf` gives it */
export async function authorOf(codebase: string, commit: string | null): Promise<string | null> {
  if (commit === null) return null;
  return identity(() => git(codebase, ["log", "-1", "--format=%an <%ae>", commit.replace(/-dirty$/, ""), "--"]));
}

/** Who this user is to git, `Ada <ada@example.com>`; null when git has not been told. */
export async function ownIdentity(codebase: string): Promise<string | null> {
  return identity(async () => {
    const [name, email] = [await git(codebase, ["config", "user.name"]), await git(codebase, ["config", "user.email"])];
    return name && email ? `${name.trim()} <${email.trim()}>` : null;
  });
}

/** What git refuses to tell is not known. */
async function identity(ask: () => Promise<string | null>): Promise<string | null> {
  const told = await ask().catch((error: unknown) => (error instanceof UserError ? null : Promise.reject(error as Error)));
  return told?.trim() || null;
}

/**
 * The hash of what the current commit holds below a codebase; null under the conditions of `commitOf`. It stays the same when a commit
 * changes only other parts of the repository.
 */
export async function committedTreeOf(codebase: string): Promise<string | null> {
  return (await git(codebase, ["rev-parse", "--verify", "--quiet", "HEAD:./"]))?.trim() || null;
}

/** Null when there is no git or no repository; empty when git knows of nothing. */
async function git(codebase: string, args: readonly string[]): Promise<string | null> {
  const environment = codebaseEnvironment(process.env, { LC_ALL: "C", GIT_OPTIONAL_LOCKS: "0" });
  return new Promise((resolve, reject) => {
    execFile("git", ["-C", codebase, ...args], { env: environment, maxBuffer: 64 * 1024 * 1024 }, (error, output, problems) => {
      if (error === null) resolve(output);
      else if (error.code === "ENOENT" || /not a git repository/.test(problems)) resolve(null);
      else if (error.code === 1 && problems === "") resolve("");
      else reject(new UserError(EXIT.missing, `The commit of "${codebase}" cannot be read; git says: ${problems.trim() || error.message}`));
    });
  });
}
