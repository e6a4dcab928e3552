import type { ArtifactStore } from "../../artifacts/store.js";
import type { Release } from "../../model/release.js";
import type { Control } from "../mission/control.js";
import type { Requests } from "../mission/requests.js";
import type { Steps } from "../mission/steps.js";
import type { EnvironmentName, MissionSubject } from "../mission/subject.js";
import type { PlatformAdapter } from "../platforms/adapter.js";
import type { MissionFolder } from "../store/mission-folder.js";
import type { WatchClock } from "../watch/watch-clock.js";
import type { MissionStore } from "../store/mission-store.js";

/** What the phases of one mission work with. */
export interface MissionContext {
  readonly subject: MissionSubject;
  readonly folder: MissionFolder;
  readonly requests: Requests;
  readonly store: MissionStore;
  readonly artifacts: ArtifactStore;
  readonly adapters: Readonly<Record<EnvironmentName, PlatformAdapter>>;
  readonly steps: Steps;
  readonly control: Control;
  /** What time is for those who watch; the machine's, where nothing else is said. */
  readonly clock?: WatchClock;
  /** Gets sentences for a person. */
  readonly say: (line: string) => void;
  /** Gets what commands and the engine print. */
  readonly onOutput: (text: string) => void;
}

/** The release that `validate` has built and recorded. @throws Error before that */
export function releaseOf({ steps, subject }: Pick<MissionContext, "steps" | "subject">): Release {
  const recorded = steps.recorded("validate/release");
  if (recorded === undefined || recorded === null) throw new Error(`Mission "${subject.id}" has no release yet.`);
  return recorded as unknown as Release;
}
