import { formatDiagnostics, type Diagnostic } from "../model/diagnostic.js";

/**
 * Exit codes of every command.
 *
 * | code | meaning |
 * | --- | --- |
 * | 0 | done |
 * | 1 | internal error: a bug, or a lost connection |
 * | 2 | wrong usage or configuration |
 * | 3 | something is missing on this machine |
 * | 4 | build of the codebase failed (outside a mission) |
 * | 5 | refused by a gate or by the platform; what users get has not changed |
 * | 6 | the deployment failed or was rolled back; the state as before is serving |
 * | 7 | locked by another run |
 * | 130 | interrupted |
 */
export const EXIT = { ok: 0, internal: 1, usage: 2, missing: 3, codebase: 4, refused: 5, failed: 6, locked: 7, interrupted: 130 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** What a person can put right: shown without a stack; the command ends with its exit code. */
export class UserError extends Error {
  readonly exitCode: ExitCode;
  /** Every mistake; they are part of the message too. */
  readonly diagnostics: readonly Diagnostic[];

  /** @param headline one or more sentences; above the diagnostics, if there are any, and then without them a person knows what failed */
  constructor(exitCode: Exclude<ExitCode, 0>, headline: string, diagnostics: readonly Diagnostic[] = []) {
    super(diagnostics.length === 0 ? headline : formatDiagnostics(headline, diagnostics));
    this.name = "UserError";
    this.exitCode = exitCode;
    this.diagnostics = diagnostics;
  }
}
