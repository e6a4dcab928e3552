import { EXIT, UserError } from "../errors.js";
import type { Standing } from "./mission-store.js";

/** Why a stack's candidate may not get more traffic, a sentence for each statement that stands; none when it may. */
export function raiseRefusals(stack: string, { freeze, hold }: Standing): string[] {
  const refusals: string[] = [];
  if (freeze !== null) refusals.push(`Stack "${stack}" is frozen since ${freeze.at} by ${freeze.by}: "${freeze.reason}". Nothing gets more traffic, and nothing is removed, until a person ends that: ./mission unfreeze ${stack} --reason TEXT`);
  if (hold !== null) refusals.push(`Stack "${stack}" is on hold since ${hold.at} by ${hold.by}: "${hold.reason}". No candidate gets more traffic until a person releases it: ./mission release-hold ${stack} --reason TEXT`);
  return refusals;
}

/** @throws UserError (refused) with who froze or holds the stack, why, and the command that ends it */
export function refuseRaise(stack: string, standing: Standing): void {
  const refusals = raiseRefusals(stack, standing);
  if (refusals.length > 0) throw new UserError(EXIT.refused, refusals.join("\n"));
}

/** @throws UserError (refused) while a freeze stands: what cannot be taken back waits until it is ended */
export function refuseWhileFrozen(stack: string, { freeze }: Standing): void {
  if (freeze !== null) throw new UserError(EXIT.refused, raiseRefusals(stack, { freeze, hold: null }).join("\n"));
}
