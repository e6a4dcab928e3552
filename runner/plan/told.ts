import type { EnvironmentSettings } from "../../model/environment-settings.js";

/** Somebody who is told. A webhook is named by its host only: the rest of its address is a secret. */
export interface Target {
  readonly type: "file" | "webhook";
  readonly name: string;
}

/** Something that is told, and when. */
export interface Announcement {
  readonly event: string;
  readonly when: string;
}

/** Whom an environment tells. */
export function targetsOf({ notifications }: Pick<EnvironmentSettings, "notifications">): Target[] {
  return notifications.map((target) => (target.type === "file" ? { type: "file", name: target.path } : { type: "webhook", name: hostOf(target.url) }));
}

/** What production's targets are told of a mission. */
export function announcements(pause: boolean): Announcement[] {
  return [
    { event: "start", when: "when the mission begins, with this plan's digest" },
    ...(pause ? [{ event: "approval", when: "before each further step: what was measured, and how to approve" }] : []),
    { event: "success", when: "after the last watch, with what was measured" },
    { event: "failure", when: "when a gate does not pass, or going back fails: which one, and its numbers" },
    { event: "rollback", when: "when traffic goes back: why, how long it took, and the hold that stands from then on" },
    { event: "alarm", when: "when an alarm of a service goes off, and when it is over" },
  ];
}

function hostOf(url: string): string {
  try {
    return new URL(url).host;
  } catch {
    return "an address that cannot be read";
  }
}
