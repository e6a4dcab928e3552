import { applicationSchema } from "../../model/application.js";
import { environmentSettingsSchema } from "../../model/environment-settings.js";
import type { Release } from "../../model/release.js";
import type { Observed } from "../../model/rollout.js";
import { resolveStrategy, type DeclaredStrategy } from "../../model/strategy.js";
import { timingOf } from "../../model/timing.js";
import type { MissionEnvironment, ReleasedSubject } from "../../runner/mission/subject.js";
import type { PlanInputs } from "../../runner/plan/plan-inputs.js";
import { observedOf, releaseOf, specOf } from "./specs.js";

const FREE = { freeze: null, hold: null };
const ALL = { weights: "any", slotRoutes: true, database: true, metricsGrainMs: 1_000, engineRemembersTraffic: false } as const;

/** What differs from a second release of a shop whose first one is live in both environments. */
export interface Differences {
  readonly release?: Release;
  readonly staging?: Record<string, unknown>;
  readonly production?: Record<string, unknown>;
  readonly strategy?: DeclaredStrategy;
  readonly subject?: Partial<ReleasedSubject>;
  readonly inputs?: Partial<PlanInputs>;
}

/** Inputs of a plan. */
export function planInputs({ release = releaseOf("1.1.0"), staging = {}, production = {}, strategy = "blue-green", subject = {}, inputs = {} }: Differences = {}): PlanInputs {
  const environments = {
    staging: environmentOf("staging", { instances: 1, ...staging }),
    production: environmentOf("production", { instances: 2, notifications: [{ type: "webhook", url: "https://hooks.example.org/services/T0/secret-token" }], ...production }),
  };
  return {
    subject: {
      id: "shop-1.1.0-20261125t161501-3f9a",
      codebase: "/codebase",
      application: applicationSchema.parse({ name: "shop", services: { web: { command: ["node", "server.mjs"] } } }),
      version: release.version,
      notes: null,
      strategy: resolveStrategy(strategy, timingOf(environments.production.settings).bake),
      hotfix: null,
    pause: false,
      confirmed: [],
      waived: {},
      by: "ada@build-1",
      ...environments,
      release,
      ...subject,
    },
    observed: { staging: live("1.0.0", 1), production: live("1.0.0", 2) },
    capabilities: { staging: ALL, production: ALL },
    standing: { staging: FREE, production: FREE },
    now: Date.parse("2026-11-25T12:00:00Z"),
    ...inputs,
  };
}

/** A release of "web" that is live. */
export function live(version: string, size: number): Observed {
  return { web: observedOf(specOf(version, { size })) };
}

function environmentOf(environment: "staging" | "production", settings: Record<string, unknown>): MissionEnvironment {
  return { environment, stack: `shop-${environment}`, settings: environmentSettingsSchema.parse({ environment, ...settings }) };
}
