import type { ChainedLine } from "../journal/chain.js";
import type { MissionSubject } from "./subject.js";

/** Everything that is known of a mission, whether it runs, was killed or has ended. */
export interface MissionRecord {
  readonly subject: MissionSubject;
  /** Its journal, oldest line first. */
  readonly lines: readonly ChainedLine[];
}
