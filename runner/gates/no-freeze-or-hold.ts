import type { GateResult } from "../../model/verdict.js";
import type { Standing } from "../store/mission-store.js";

/** Gate `no-freeze`: nobody has said that nothing moves up in one of these stacks. */
export function noFreezeOrHold(stacks: readonly { readonly stack: string; readonly standing: Standing }[]): GateResult {
  const said = stacks.flatMap(({ stack, standing: { freeze, hold } }) => [
    ...(freeze === null ? [] : [`Stack "${stack}" is frozen since ${freeze.at} by ${freeze.by}: ${plain(freeze.reason)} End it with: ./mission unfreeze ${stack} --reason TEXT`]),
    ...(hold === null ? [] : [`Stack "${stack}" is on hold since ${hold.at} by ${hold.by}: ${plain(hold.reason)} End it with: ./mission release-hold ${stack} --reason TEXT`]),
  ]);
  return {
    gate: "no-freeze",
    verdict: said.length > 0 ? "FAIL" : "PASS",
    summary: said[0] ?? `Neither a freeze nor a hold stands on ${stacks.map(({ stack }) => `"${stack}"`).join(" or ")}.`,
    details: said.slice(1),
    measured: Object.fromEntries(stacks.flatMap(({ stack, standing }) => [[`${stack}.frozen`, standing.freeze !== null], [`${stack}.held`, standing.hold !== null]])),
  };
}

function plain(reason: string): string {
  return `${reason.replace(/[.\s]*$/, "")}.`;
}
