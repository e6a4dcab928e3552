import { applicationSchema } from "../../model/application.js";
import { environmentSettingsSchema, type EnvironmentSettings } from "../../model/environment-settings.js";
import { resolveStrategy } from "../../model/strategy.js";
import { chained, type ChainedLine } from "../../runner/journal/chain.js";
import type { JournalLine } from "../../runner/mission/journal-port.js";
import type { MissionEnvironment, MissionSubject } from "../../runner/mission/subject.js";

/** A mission of shop 1.1.0, as it would begin. */
export function subjectOf(more: Partial<MissionSubject> = {}, notifications: Partial<Record<"staging" | "production", EnvironmentSettings["notifications"]>> = {}): MissionSubject {
  const environment = (name: "staging" | "production"): MissionEnvironment => ({
    environment: name,
    stack: name,
    settings: environmentSettingsSchema.parse({ environment: name, instances: 2, notifications: notifications[name] ?? [] }),
  });
  return {
    id: "shop-1.1.0-20260102t030405-3f9a",
    codebase: "examples/shop",
    application: applicationSchema.parse({ name: "shop", stacks: { staging: "staging", production: "production" }, services: { web: { command: ["node", "server.js"] } } }),
    version: "1.1.0",
    notes: null,
    strategy: resolveStrategy("blue-green", "5s"),
    hotfix: null,
    pause: false,
    confirmed: [],
    waived: {},
    by: "someone@somewhere",
    staging: environment("staging"),
    production: environment("production"),
    ...more,
  };
}

/** A journal's first line, as the mission folder writes it. */
export function startLine({ id, application, version, by }: MissionSubject): JournalLine {
  return { kind: "start", id, application: application.name, version, by, subject: "sha256:0" };
}

/** Lines as they stand in a journal, one each second from 2026-01-02 03:04:05 on. */
export function journalOf(lines: readonly JournalLine[]): ChainedLine[] {
  const chain: ChainedLine[] = [];
  for (const line of lines) {
    const last = chain.at(-1);
    chain.push(chained(line, new Date(Date.UTC(2026, 0, 2, 3, 4, 5 + chain.length)).toISOString(), last === undefined ? null : { seq: last.seq, hash: last.hash }));
  }
  return chain;
}
