import { applicationSchema } from "../../model/application.js";
import { environmentSettingsSchema } from "../../model/environment-settings.js";
import type { MissionSubject } from "../../runner/mission/subject.js";

/** What a mission of a plain application is about. */
export function subjectOf(id: string, more: Partial<MissionSubject> = {}): MissionSubject {
  const environment = (name: "staging" | "production") => ({
    environment: name,
    stack: name,
    settings: environmentSettingsSchema.parse({ environment: name, instances: name === "production" ? 2 : 1, notifications: [{ type: "file", path: "notifications.jsonl" }] }),
  });
  return {
    id,
    codebase: "/codebase",
    application: applicationSchema.parse({ name: "shop", services: { web: { command: "node server.js" } } }),
    version: "1.1.0",
    notes: null,
    strategy: { name: "blue-green", steps: [10, 50, 100].map((weight) => ({ weight, bakeMs: 5_000 })) },
    hotfix: null,
    pause: false,
    confirmed: [],
    waived: {},
    by: "operator@machine",
    staging: environment("staging"),
    production: environment("production"),
    ...more,
  };
}
