import { standingInWords } from "../../model/standing.js";
import type { GateResult } from "../../model/verdict.js";
import type { MissionStore, Standing } from "../store/mission-store.js";

/** A stack, and whether somebody has said that nothing moves up in it. */
export interface StackStanding {
  readonly stack: string;
  readonly standing: Standing;
}

/** Gate `no-freeze`: nobody, and no mission that went wrong, has said that nothing moves up in one of these stacks. */
export function noFreeze(stacks: readonly StackStanding[]): GateResult {
  const sentences = stacks.flatMap(({ stack, standing }) => standingInWords(stack, standing));
  return {
    gate: "no-freeze",
    verdict: sentences.length === 0 ? "PASS" : "FAIL",
    summary: sentences[0] ?? `${stacks.map(({ stack }) => `Stack "${stack}" is neither frozen nor on hold`).join("; ")}.`,
    details: sentences.slice(1),
    measured: Object.fromEntries(stacks.flatMap(({ stack, standing: { freeze, hold } }) => [[`${stack}.frozen`, freeze !== null], [`${stack}.held`, hold !== null]])),
  };
}

/** The gate on what the store says now; a store that cannot be understood is an ERROR, not nobody. */
export async function noFreezeNow(store: Pick<MissionStore, "standing">, stack: string): Promise<GateResult> {
  try {
    return noFreeze([{ stack, standing: await store.standing(stack) }]);
  } catch (error) {
    return { gate: "no-freeze", verdict: "ERROR", summary: `Whether stack "${stack}" is frozen cannot be found out: ${error instanceof Error ? error.message : String(error)}`, details: [], measured: {} };
  }
}
