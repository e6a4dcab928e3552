/** One violation as the engine shows it to a user. */
export interface ShownViolation {
  readonly policy: string;
  readonly level: string;
  readonly severity: string;
  /** Name of the resource. */
  readonly resource: string;
  /** What stands below it: the description of the policy, then its sentences. */
  readonly lines: readonly string[];
}

const HEAD = /^ {8}- \[(\w+)\] \[severity: (\w+)\] {2}(\S+) {2}\((\S+): (\S+)\)$/;

/** The violations in an engine's output. */
export function violationsIn(output: string): ShownViolation[] {
  const found: { policy: string; level: string; severity: string; resource: string; lines: string[] }[] = [];
  let inside = false;
  for (const line of output.split("\n")) {
    const [, level, severity, policy, , resource] = HEAD.exec(line) ?? [];
    inside = policy !== undefined || (inside && line.startsWith(" ".repeat(10)));
    if (level !== undefined && severity !== undefined && policy !== undefined && resource !== undefined) found.push({ policy, level, severity, resource, lines: [] });
    else if (inside) found.at(-1)?.lines.push(line.trim());
  }
  return found;
}
