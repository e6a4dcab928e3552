import { execFileSync } from "node:child_process";

const IDENTITY = ["-c", "user.name=test", "-c", "user.email=test@example.invalid", "-c", "commit.gpgsign=false", "-c", "init.defaultBranch=main", "-c", "core.hooksPath=/dev/null"];

/** Runs git in a folder and returns what it prints, without the line end. */
export function git(directory: string, ...args: readonly string[]): string {
  return execFileSync("git", ["-C", directory, ...IDENTITY, ...args], { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }).trim();
}

/** Makes a folder a repository with one commit of all that is in it and not ignored. Returns the commit. */
export function gitRepository(directory: string): string {
  git(directory, "init", "--quiet");
  git(directory, "add", "--all");
  git(directory, "commit", "--quiet", "--allow-empty", "--message", "first");
  return git(directory, "rev-parse", "HEAD");
}
