import { z } from "zod";

/** A statement about a stack as the mission store keeps it, in `<stack>/freeze.json` and `<stack>/hold.json`. */
export const standingStatementSchema = z.object({ reason: z.string(), by: z.string(), at: z.iso.datetime() });
/** Who said it, when (ISO 8601), and why. */
export type StandingStatement = Readonly<z.output<typeof standingStatementSchema>>;

/** What stands on a stack; null where nobody says so. */
export interface WhatStands {
  readonly freeze: StandingStatement | null;
  readonly hold: StandingStatement | null;
}

const ENDS = {
  freeze: { is: "is frozen", command: "unfreeze" },
  hold: { is: "is on hold after a rollback", command: "release-hold" },
} as const;

/** Why nothing may begin on a stack, a sentence each: who said so, since when, why, and how it ends. None when nothing stands on it. */
export function standingInWords(stack: string, standing: WhatStands): readonly string[] {
  return (["freeze", "hold"] as const).flatMap((kind) => {
    const said = standing[kind];
    return said === null ? [] : [`Stack "${stack}" ${ENDS[kind].is} since ${said.at}, by ${said.by}: ${said.reason.replace(/[.\s]*$/, "")}. End that with: ./mission ${ENDS[kind].command} ${stack} --reason "..."`];
  });
}
