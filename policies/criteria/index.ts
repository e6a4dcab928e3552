import type { Rule } from "../rule.js";
import { approved } from "./approved.js";
import { artifactBuilt } from "./artifact-built.js";
import { checklistComplete } from "./checklist-complete.js";
import { configurationComplete } from "./configuration-complete.js";
import { migrationsValidated } from "./migrations-validated.js";
import { monitoringConfigured } from "./monitoring-configured.js";
import { rollbackReady } from "./rollback-ready.js";
import { stagingVerified } from "./staging-verified.js";
import { strategyPlanned } from "./strategy-planned.js";
import { testsPassed } from "./tests-passed.js";
import { windowOpen } from "./window-open.js";

/** The mission's criteria, in the order in which a person would want to read their refusals. */
export const CRITERIA: readonly Rule[] = [
  testsPassed,
  artifactBuilt,
  configurationComplete,
  migrationsValidated,
  checklistComplete,
  stagingVerified,
  rollbackReady,
  monitoringConfigured,
  strategyPlanned,
  windowOpen,
  approved,
];
