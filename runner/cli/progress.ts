import type { GateResult } from "../../model/verdict.js";
import type { Json, JournalLine } from "../mission/journal-port.js";
import { recordedGates } from "../mission/recorded-gates.js";

/** What a person reads of a journal's line while the mission runs: no line for what only the record needs. */
export function progressOf(line: JournalLine): readonly string[] {
  switch (line.kind) {
    case "start":
      return [`Mission ${line.id} begins.`];
    case "phase":
      return ["", `${line.id}:`];
    case "intent":
      return wordsOf(line.id, line["detail"] ?? null).map((words) => `  ${words}`);
    case "result":
      // The gates of validation were shown one by one, as they were judged.
      if (line.id === "validate/gates") return [];
      return recordedGates(line["value"]).flatMap(gateWords);
    case "note":
      return [];
    case "terminal":
      return ["", `The mission ${ENDS[line.id] ?? line.id}: ${String(line["reason"] ?? "")}`];
  }
}

/** Details of one gate that are shown; the report has all. */
const SHOWN_DETAILS = 5;

/** One line; for what does not pass also the first of its details, which say what is wrong with each check. */
function gateWords({ gate, verdict, summary, details }: GateResult): readonly string[] {
  const shown = verdict === "PASS" ? [] : details.slice(0, SHOWN_DETAILS);
  const more = verdict === "PASS" || details.length <= shown.length ? [] : [`and ${details.length - shown.length} more; the report has all.`];
  return [`  ${verdict.padEnd(12)} ${gate}: ${summary}`, ...[...shown, ...more].map((detail) => `               ${detail}`)];
}

const ENDS: Readonly<Record<string, string>> = { succeeded: "succeeded", refused: "was refused", "rolled-back": "was rolled back", "failed-safe": "failed, and its environment is frozen" };

/** What a step is about to do, said before it is done. */
function wordsOf(id: string, detail: Json): readonly string[] {
  const [, ...rest] = id.split("/");
  const last = rest.at(-1) ?? "";
  const weight = /^weight-(\d+)$/.exec(last)?.[1];
  if (weight !== undefined) return [`The candidate gets ${weight} % of the traffic ...`];
  if (rest.includes("drill")) return last === "back" ? ["Drill: all traffic back, by the platform's own interface ..."] : last === "forward" ? ["Drill: and forward again ..."] : [];
  switch (last) {
    case "migrate":
      return ["The database gets what the release needs ..."];
    case "stage":
      return ["The release goes dark into the free slot ..."];
    case "finish":
      return ["The candidate becomes live ..."];
    case "retire":
      return ["The slot that was live before gives up its capacity ..."];
    case "traffic":
      return [`All traffic goes back to what was live before (${typeof detail === "object" && detail !== null ? Object.keys(detail).join(", ") : "every service"}) ...`];
    case "hold":
      return ["No further promotion until a person releases the hold ..."];
    case "freeze":
      return ["Nothing moves any more until a person acts ..."];
    default:
      return [];
  }
}
