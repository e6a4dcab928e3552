import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { runEngine } from "../engine/run-engine.js";
import { PackRefusal, readyPack, type PolicyPack } from "../policies/policy-pack.js";
import { PolicyTally, type PolicyEvents } from "../policies/policy-report.js";
import { readPreview, type PreviewedPolicies, type PreviewSummary } from "./preview-summary.js";

/** A preview to be run. */
export interface PreviewRun {
  readonly stack: string;
  /** Whether the stack exists, and is not a state that is thrown away. */
  readonly exists: boolean;
  /** With the configuration file and the backend that it is about. */
  readonly environment: Readonly<Record<string, string>>;
  /** A folder of this run, for the engine's log of events. */
  readonly directory: string;
  /** Judges it; one that cannot be run is told in the summary, and the rest is previewed without it. */
  readonly pack: PolicyPack | null;
}

/** Asks the engine what an `up` would change, and the policy pack what it says of that. */
export async function runPreview({ stack, exists, environment, directory, pack }: PreviewRun): Promise<PreviewSummary> {
  const preview = ["preview", "--json", "--non-interactive"];
  const bare = () => runEngine(preview, { environment });
  if (pack === null) return readPreview(stack, exists, await bare());
  let digest: string;
  try {
    digest = readyPack(pack);
  } catch (error) {
    if (!(error instanceof PackRefusal)) throw error;
    return readPreview(stack, exists, await bare(), { pack: null, problem: error.message, report: null });
  }
  // The engine's JSON leaves out what policies say; its log of events, which is an option for those who work on the engine, holds it.
  const log = join(directory, "events.jsonl");
  const result = await runEngine([...preview, "--policy-pack", pack.directory, "--event-log", log], { environment: { ...environment, PULUMI_DEBUG_COMMANDS: "true" } });
  return readPreview(stack, exists, result, judgedBy(digest, log, result.stderr));
}

function judgedBy(digest: string, log: string, stderr: string): PreviewedPolicies {
  const tally = new PolicyTally();
  const lines = existsSync(log) ? readFileSync(log, "utf8").split("\n") : [];
  for (const line of lines) if (line !== "") tally.see(JSON.parse(line) as PolicyEvents);
  tally.refused(stderr);
  return { pack: digest, problem: null, report: tally.report() };
}
