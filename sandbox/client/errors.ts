/** The sandbox does not do what it was asked; the message is for a person, the code for a program (see `sandbox/protocol.ts`). */
export class SandboxRefusal extends Error {
  override readonly name = "SandboxRefusal";

  constructor(
    readonly code: string,
    message: string,
    /** HTTP status. */
    readonly status: number,
  ) {
    super(message);
  }
}

/** No supervisor answers. What runs in the sandbox may run nevertheless, and a change that was under way may have been made. */
export class SandboxUnreachable extends Error {
  override readonly name = "SandboxUnreachable";
}
