import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { errorCode } from "../../artifacts/artifact-error.js";
import { checklistMistakes, type ChecklistItem, type ChecklistWords } from "../../model/checklist.js";
import { show } from "../../model/diagnostic.js";
import { parseDuration } from "../../model/duration.js";
import type { EvidenceReference } from "../../model/evidence.js";
import type { ChecklistResult } from "../../evidence/predicates.js";
import type { GateResult } from "../../model/verdict.js";
import { codebaseEnvironment } from "../release/build-environment.js";
import { isInside } from "../release/inside.js";
import { CHECKLIST_YAML, readChecklist } from "../release/read-checklist.js";
import { inWords, runLimited } from "../release/run-limited.js";

const GATE = "checklist-complete";

export interface ChecklistInput extends ChecklistWords {
  /** Folder of the codebase, as `realpath` gives it. */
  readonly codebase: string;
  /** Who has confirmed and waived. */
  readonly by: string;
  /** Signs what came of every item; null: nobody wants to have that. */
  readonly record: ((result: ChecklistResult) => Promise<EvidenceReference>) | null;
  readonly signal?: AbortSignal | undefined;
}

/** What came of one item. */
interface Outcome {
  readonly item: ChecklistItem;
  readonly state: ChecklistResult["items"][number]["state"];
  /** Why it is waived; null otherwise. */
  readonly reason: string | null;
  readonly sentence: string;
}

/**
 * Gate `checklist-complete`: every automatic item of `checklist.yaml` passes and every manual one is confirmed, or it is waived by name with a reason,
 * which is always reported. A codebase without the file has nothing to complete.
 * @throws UserError (interrupted) when the signal was given
 */
export async function checklistComplete(input: ChecklistInput): Promise<GateResult> {
  const { codebase, confirmed, waived } = input;
  const { checklist, diagnostics } = await readChecklist(codebase);
  const mistakes = diagnostics.length > 0 ? diagnostics : checklistMistakes(checklist, { confirmed, waived });
  if (mistakes.length > 0) {
    const details = mistakes.map(({ path, message }) => `"${path}" ${message}`);
    return { gate: GATE, verdict: "FAIL", summary: `The checklist has ${mistakes.length === 1 ? "a mistake" : `${mistakes.length} mistakes`}: ${details.join(" ")}`, details, measured: { mistakes: mistakes.length } };
  }
  const outcomes: Outcome[] = [];
  for (const item of checklist?.items ?? []) outcomes.push(await outcomeOf(item, input));
  const none: GateResult = { gate: GATE, verdict: "PASS", summary: `The codebase has no ${CHECKLIST_YAML}, so there is nothing to complete.`, details: [], measured: { items: 0 } };
  return recorded(checklist === null ? none : resultOf(outcomes), outcomes, input);
}

/** What is open is recorded, too: evidence says what was seen. */
async function recorded(result: GateResult, outcomes: readonly Outcome[], { by, record }: ChecklistInput): Promise<GateResult> {
  if (record === null) return result;
  const items = outcomes.map(({ item: { id, title }, state, reason }) => ({ id, title, state, by: state === "confirmed" || state === "waived" ? by : null, reason }));
  try {
    return { ...result, evidence: [await record({ items })] };
  } catch (error) {
    return { ...result, verdict: "ERROR", summary: `What came of the checklist could not be recorded: ${error instanceof Error ? error.message : String(error)} Put that right and run the mission again.`, details: [result.summary, ...result.details] };
  }
}

async function outcomeOf(item: ChecklistItem, { codebase, confirmed, waived, signal }: Omit<ChecklistInput, "record" | "by">): Promise<Outcome> {
  const named = `"${item.id}" (${item.title})`;
  const reason = Object.hasOwn(waived, item.id) ? waived[item.id] : undefined;
  if (reason !== undefined) return { item, state: "waived", reason: reason.trim(), sentence: `${named} is waived: ${reason.trim().replace(/[.]$/, "")}.` };
  if ("manual" in item) {
    return confirmed.includes(item.id) ? { item, state: "confirmed", reason: null, sentence: `${named} is confirmed.` } : { item, state: "open", reason: null, sentence: `${named} is not confirmed.` };
  }
  const failure = "command" in item ? await commandFailure(item, codebase, signal) : await fileFailure(item, codebase);
  return failure === null ? { item, state: "passed", reason: null, sentence: `${named} passed.` } : { item, state: "failed", reason: null, sentence: `${named}: ${failure}` };
}

async function commandFailure({ command, timeout }: Extract<ChecklistItem, { command: unknown }>, codebase: string, signal: AbortSignal | undefined): Promise<string | null> {
  const end = await runLimited({ command, directory: codebase, environment: codebaseEnvironment(process.env), limitMs: parseDuration(timeout), signal });
  return end.failure === null ? null : `its command ${inWords(end)}`;
}

async function fileFailure({ file, contains }: Extract<ChecklistItem, { file: unknown }>, codebase: string): Promise<string | null> {
  if (!(await isInside(codebase, file))) return `its file ${show(file)} lies outside the codebase, or is not there.`;
  const text = await readFile(join(codebase, file), "utf8").catch((error: unknown) => ({ code: errorCode(error) ?? String(error) }));
  if (typeof text !== "string") return text.code === "ENOENT" ? `the file ${show(file)} is not there.` : `the file ${show(file)} cannot be read (${text.code}).`;
  const missing = (contains === undefined ? [] : typeof contains === "string" ? [contains] : contains).filter((each) => !text.includes(each));
  return missing.length === 0 ? null : `the file ${show(file)} does not contain ${missing.map(show).join(", ")}.`;
}

function resultOf(outcomes: readonly Outcome[]): GateResult {
  const of = (state: Outcome["state"]) => outcomes.filter((outcome) => outcome.state === state);
  const [failed, open, waived] = [of("failed"), of("open"), of("waived")];
  const measured = { items: outcomes.length, passed: of("passed").length, confirmed: of("confirmed").length, waived: waived.length, failed: failed.length, open: open.length };
  const details = outcomes.map(({ sentence }) => sentence);
  const left = waived.length === 0 ? "" : ` ${waived.map(({ sentence }) => sentence).join(" ")}`;
  if (failed.length + open.length === 0) {
    const counted = `${measured.passed + measured.confirmed} of ${outcomes.length} items of the checklist are complete${waived.length === 0 ? "" : `, ${waived.length} ${waived.length === 1 ? "is" : "are"} waived`}`;
    return { gate: GATE, verdict: "PASS", summary: `${counted}.${left}`, details, measured };
  }
  const sentences = [
    ...open.map(({ item, sentence }) => `${sentence} Give --confirm ${item.id} when it is so, or --waive ${item.id}=<reason>.`),
    ...failed.map(({ item, sentence }) => `${sentence}${/[.]$/.test(sentence) ? "" : "\n"} Put it right, or give --waive ${item.id}=<reason>.`),
  ];
  return { gate: GATE, verdict: "FAIL", summary: `${failed.length + open.length} of ${outcomes.length} items of the checklist are open: ${sentences.join(" ")}${left}`, details, measured };
}
