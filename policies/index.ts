import { join } from "node:path";
import { PolicyPack } from "@pulumi/policy";
import { RunError } from "@pulumi/pulumi";
import { homeOf } from "../model/home.js";
import { openContext } from "./open-context.js";
import { packPolicies } from "./pack.js";
import { refuseStalePack } from "./refuse-stale-pack.js";

/*
 * The pack's entry. The engine runs it in the pack's folder, anew for every preview and every update: pulumi up --policy-pack policies
 * What is wrong with the pack itself ends the run before anything is judged or changed.
 */
try {
  refuseStalePack(__dirname);
  const opened = openContext({ pack: process.cwd(), home: homeOf(join(process.cwd(), "..")) });
  if (!opened.ok) throw new Error(`The pack's configuration has ${opened.mistakes.length === 1 ? "a mistake" : `${opened.mistakes.length} mistakes`}:\n${opened.mistakes.map((mistake) => `  ${mistake}`).join("\n")}`);
  new PolicyPack("mission-deploy", { enforcementLevel: "mandatory", policies: packPolicies(() => opened.context) });
} catch (error) {
  const refusal = new RunError(error instanceof Error ? error.message : String(error));
  // The SDK formats a stack although it shows none for such an error, which can take it long.
  refusal.stack = refusal.message;
  throw refusal;
}
