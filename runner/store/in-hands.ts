import type { Holder } from "./mission-store.js";

/** A person's command has a name with spaces, a mission has an id. */
export function byHand(command: string, by: string): string {
  return `${command}, by hand (${by})`;
}

/** Who has a stack, for whoever is refused because of it, and what that one can do. */
export function inHands(stack: string, { mission, since, until }: Holder): string {
  const lease = `since ${since} (its lease runs until ${until} and is renewed while it lives); this one changed nothing.`;
  if (mission.includes(" ")) return `Stack "${stack}" is being changed by "${mission}" ${lease} Wait for it, or stop it where it runs (Ctrl+C).`;
  return `Stack "${stack}" is in the hands of mission "${mission}" ${lease} Look at it: ./mission status ${mission}. Bring it back: ./mission rollback ${mission}`;
}
