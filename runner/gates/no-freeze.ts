import type { GateResult } from "../../model/verdict.js";
import type { MissionStore, Standing } from "../store/mission-store.js";

const ENDS: Readonly<Record<keyof Standing, { readonly is: string; readonly command: string }>> = {
  freeze: { is: "is frozen", command: "unfreeze" },
  hold: { is: "is on hold after a rollback", command: "release-hold" },
};

/** Gate `no-freeze`: whether a person, or a mission that went wrong, has said that nothing moves up in an environment. */
export async function noFreeze(store: Pick<MissionStore, "standing">, stack: string): Promise<GateResult> {
  const gate = "no-freeze";
  let standing: Standing;
  try {
    standing = await store.standing(stack);
  } catch (error) {
    return { gate, verdict: "ERROR", summary: `Whether stack "${stack}" is frozen cannot be found out: ${error instanceof Error ? error.message : String(error)}`, details: [], measured: { freeze: null, hold: null } };
  }
  const sentences = (["freeze", "hold"] as const).flatMap((kind) => {
    const said = standing[kind];
    return said === null ? [] : [`Stack "${stack}" ${ENDS[kind].is} since ${said.at}, by ${said.by}: ${said.reason.replace(/[.\s]*$/, "")}. End that with: ./mission ${ENDS[kind].command} ${stack} --reason "..."`];
  });
  return {
    gate,
    verdict: sentences.length === 0 ? "PASS" : "FAIL",
    summary: sentences[0] ?? `Stack "${stack}" is neither frozen nor on hold.`,
    details: sentences.slice(1),
    measured: { freeze: standing.freeze !== null, hold: standing.hold !== null },
  };
}
