/** Why a request is not carried out: its HTTP status, a code for programs, a sentence for people. */
export class Refusal extends Error {
  override readonly name = "Refusal";

  constructor(
    readonly status: 400 | 401 | 404 | 409 | 413 | 500 | 503,
    message: string,
    readonly code: string | null = null,
    /** More for the answer's body. */
    readonly details: Readonly<Record<string, unknown>> = {},
  ) {
    super(message);
  }
}

/** The state does not allow it. */
export function conflict(code: string, message: string, details: Readonly<Record<string, unknown>> = {}): Refusal {
  return new Refusal(409, message, code, details);
}
