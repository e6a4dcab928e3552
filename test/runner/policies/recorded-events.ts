import { readFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "../../../runner/engine/engine-environment.js";
import { PolicyTally, type PolicyEvents, type PolicyReport } from "../../../runner/policies/policy-report.js";

/** Events of engine 3.220 on a stack of one service, with packs that do what the names say; paths and names of the machine are replaced. */
const RECORDED = JSON.parse(readFileSync(join(projectRoot(), "test", "runner", "policies", "recorded-events.json"), "utf8")) as Readonly<Record<string, readonly PolicyEvents[]>>;

/** Which pack ran. */
export type Recorded = "allows" | "denies" | "throws" | "cannotKnow" | "empty" | "disabled" | "broken";

/** A tally that has seen one of the runs. */
export function tallyOf(recorded: Recorded): PolicyTally {
  const tally = new PolicyTally();
  for (const event of RECORDED[recorded] ?? []) tally.see(event);
  return tally;
}

export function reportOf(recorded: Recorded): PolicyReport {
  return tallyOf(recorded).report();
}
