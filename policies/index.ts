import { join } from "node:path";
import { PolicyPack } from "@pulumi/policy";
import type { PackContext } from "./pack-context.js";
import { packPolicies } from "./pack.js";
import { readPackConfig } from "./read-pack-config.js";

/*
 * The pack's entry. The engine runs it in the pack's folder, anew for every preview and every update: pulumi up --policy-pack policies
 * Its own configuration is read at the start, so that a mistake in it ends the run before anything is judged or changed.
 */
const nowhere = () => Promise.reject(new Error("this pack reads no mission store."));
const context: PackContext = { config: readPackConfig(join(process.cwd(), "pack.yaml")), read: nowhere, standing: nowhere, now: new Date() };
new PolicyPack("mission-deploy", { enforcementLevel: "mandatory", policies: packPolicies(() => context) });
