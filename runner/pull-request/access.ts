import type { PullRequestEvent } from "./pull-request-event.js";

/** Variables that a job fills from its secrets; a job without access to them gets them empty. */
const FROM_SECRETS = ["PULUMI_BACKEND_URL", "PULUMI_ACCESS_TOKEN", "PULUMI_CONFIG_PASSPHRASE_FILE"] as const;
const CREDENTIALS = [...FROM_SECRETS, "PULUMI_CONFIG_PASSPHRASE"] as const;

/**
 * Why the stacks cannot be looked at, one sentence; null when they can. An empty passphrase alone is one that somebody may have chosen.
 * @param event what started the workflow; null outside of one
 */
export function withoutAccess({ modelOnly, environment, event }: { readonly modelOnly: boolean; readonly environment: NodeJS.ProcessEnv; readonly event: PullRequestEvent | null }): string | null {
  if (modelOnly) return "It was asked for by --model-only.";
  const empty = FROM_SECRETS.filter((name) => environment[name]?.trim() === "");
  if (empty.length > 0) return `There is no access to the stacks: ${empty.join(" and ")} ${empty.length === 1 ? "is" : "are"} set but empty, as where a job may not read its secrets.`;
  if (event?.fork === true && CREDENTIALS.every((name) => (environment[name] ?? "") === "")) return "The pull request comes from a fork, whose jobs get no credentials.";
  return null;
}
