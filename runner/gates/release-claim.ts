import type { Claim } from "../../evidence/statement.js";
import type { EnvironmentName, ReleasedSubject } from "../mission/subject.js";

/** A claim about every artifact of a mission's release; of any environment and configuration unless an environment is named. */
export function releaseClaim({ id, release }: ReleasedSubject, type: string, predicate: Readonly<Record<string, unknown>>, environment: EnvironmentName | null = null): Claim {
  const subjects = Object.fromEntries(Object.entries(release.services).map(([name, { digest }]) => [name, digest]));
  return { type, predicate, subjects, application: release.application, environment, commit: release.commit, configuration: null, mission: id };
}
