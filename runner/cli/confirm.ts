import { createInterface } from "node:readline/promises";
import { EXIT, UserError } from "../errors.js";

/** How a person agrees to something that cannot be taken back. */
export interface Confirmation {
  /** What is asked; the answer must be `expected`. */
  readonly question: string;
  readonly expected: string;
  /** Whether the command line has agreed already. */
  readonly given: boolean;
  /** What to add to the command where there is no terminal to ask at. */
  readonly flags: string;
}

/**
 * Asks at the terminal, unless the command line has agreed already.
 * @throws UserError: usage where nobody can be asked, refused when the answer is another one; nothing has been done then
 */
export async function confirm({ question, expected, given, flags }: Confirmation): Promise<void> {
  if (given) return;
  if (!process.stdin.isTTY) throw new UserError(EXIT.usage, `Nobody can be asked here, because standard input is no terminal; agree by adding ${flags}. Nothing was changed.`);
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await lines.question(`${question} `);
    if (answer.trim() !== expected) throw new UserError(EXIT.refused, `The answer was not "${expected}"; nothing was changed.`);
  } finally {
    lines.close();
  }
}
