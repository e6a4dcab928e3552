import { join } from "node:path";
import { PolicyPack } from "@pulumi/policy";
import { RunError } from "@pulumi/pulumi";
import type { PackContext } from "./pack-context.js";
import { packPolicies } from "./pack.js";
import { readPackConfig } from "./read-pack-config.js";
import { refuseStalePack } from "./refuse-stale-pack.js";

/*
 * The pack's entry. The engine runs it in the pack's folder, anew for every preview and every update: pulumi up --policy-pack policies
 * What is wrong with the pack itself ends the run before anything is judged or changed.
 */
try {
  refuseStalePack(__dirname);
  const nowhere = () => Promise.reject(new Error("this pack reads no mission store."));
  const context: PackContext = { config: readPackConfig(join(process.cwd(), "pack.yaml")), read: nowhere, standing: nowhere, now: new Date() };
  new PolicyPack("mission-deploy", { enforcementLevel: "mandatory", policies: packPolicies(() => context) });
} catch (error) {
  const refusal = new RunError(error instanceof Error ? error.message : String(error));
  // The SDK formats a stack although it shows none for such an error, which can take it long.
  refusal.stack = refusal.message;
  throw refusal;
}
