const SHOWN = 20;

/** An artifact, or a folder that was to become one, is not as it must be. */
export class ArtifactError extends Error {
  /** Every problem, one sentence each. */
  readonly problems: readonly string[];

  /** @param problems at least one sentence; the message shows the first 20 and counts the rest. */
  constructor(problems: readonly string[]) {
    const more = problems.length - SHOWN;
    super([...problems.slice(0, SHOWN), ...(more > 0 ? [`And ${more} more of the same kind.`] : [])].join("\n"));
    this.name = "ArtifactError";
    this.problems = problems;
  }
}

/** The system's code of an error (`ENOENT`, `EACCES`), if it has one. */
export function errorCode(error: unknown): string | undefined {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  return typeof code === "string" ? code : undefined;
}
