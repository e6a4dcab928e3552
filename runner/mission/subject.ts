import type { Application } from "../../model/application.js";
import type { EnvironmentSettings } from "../../model/environment-settings.js";
import type { Release } from "../../model/release.js";
import type { Strategy } from "../../model/strategy.js";

/** The two environments of an application. */
export type EnvironmentName = "staging" | "production";

/** An environment as a mission knows it. */
export interface MissionEnvironment {
  readonly environment: EnvironmentName;
  readonly stack: string;
  /** As the stack's file says it, checked. */
  readonly settings: EnvironmentSettings;
}

/** Why a hotfix may leave out what it leaves out. */
export interface Hotfix {
  readonly reason: string;
  /** Who said so. */
  readonly by: string;
}

/** What a mission is about: plain data, fixed when it begins. */
export interface MissionSubject {
  /** Such as `shop-1.1.0-20261125t161501-3f9a`. */
  readonly id: string;
  /** Folder of the codebase, as `realpath` gives it. */
  readonly codebase: string;
  readonly application: Application;
  readonly version: string;
  /** Release notes in Markdown; null without. */
  readonly notes: string | null;
  readonly strategy: Strategy;
  readonly hotfix: Hotfix | null;
  /** Whether a person approves every step of production after the first. */
  readonly pause: boolean;
  /** Checklist items that a person has confirmed, by id. */
  readonly confirmed: readonly string[];
  /** Checklist items that a person has waived, with the reason, by id. */
  readonly waived: Readonly<Record<string, string>>;
  /** Name of the key that signs what its gates state; the development key where none is named. */
  readonly key?: string;
  /** Who began it: the user's name and the machine's. */
  readonly by: string;
  readonly staging: MissionEnvironment;
  readonly production: MissionEnvironment;
}

/** A subject whose release is built. */
export interface ReleasedSubject extends MissionSubject {
  readonly release: Release;
}
