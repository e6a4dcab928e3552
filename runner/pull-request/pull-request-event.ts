import { readFile } from "node:fs/promises";
import { z } from "zod";
import { errorCode } from "../../artifacts/artifact-error.js";

/** What started a workflow, as far as it is about a pull request. */
export interface PullRequestEvent {
  readonly number: number;
  /** Whether its code comes from another repository than the one it is to be merged into. */
  readonly fork: boolean;
}

/** Read, or one sentence why not. */
export type EventRead = { readonly event: PullRequestEvent } | { readonly event: null; readonly why: string };

const eventSchema = z.object({
  pull_request: z.object({
    number: z.int().min(1),
    // The repository of a fork may be gone.
    head: z.object({ repo: z.object({ full_name: z.string() }).nullable() }),
    base: z.object({ repo: z.object({ full_name: z.string() }) }),
  }),
});

/** Reads the file that GITHUB_EVENT_PATH names. */
export async function readPullRequestEvent(environment: NodeJS.ProcessEnv): Promise<EventRead> {
  const path = environment["GITHUB_EVENT_PATH"] ?? "";
  if (path === "") return { event: null, why: "is not set" };
  try {
    const parsed = eventSchema.safeParse(JSON.parse(await readFile(path, "utf8")));
    if (!parsed.success) return { event: null, why: "names an event that is not about a pull request" };
    const { number, head, base } = parsed.data.pull_request;
    return { event: { number, fork: head.repo?.full_name !== base.repo.full_name } };
  } catch (error) {
    return { event: null, why: error instanceof SyntaxError ? "names a file that is no JSON" : `names a file that cannot be read (${errorCode(error) ?? "no reason known"})` };
  }
}
