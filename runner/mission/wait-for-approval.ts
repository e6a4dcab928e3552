import { setTimeout as sleep } from "node:timers/promises";
import type { EvidenceReference } from "../../model/evidence.js";
import type { ShiftStep } from "../../model/strategy.js";
import type { GateResult } from "../../model/verdict.js";
import type { Requests } from "./requests.js";
import { Interrupted } from "./steps.js";

/** Milliseconds between two looks. */
const LOOK_MS = 250;

export interface ApprovalOptions {
  readonly requests: Requests;
  readonly step: ShiftStep;
  /** Milliseconds; after that the answer is no. A mission that goes on later waits for what is left. */
  readonly timeoutMs: number;
  readonly rollBack: AbortSignal;
  readonly stop: AbortSignal;
  /** Throws when somebody else has taken the mission over: what it waits for is then none of this process's business. */
  readonly guard: () => Promise<void>;
  readonly onWait: (sentence: string) => void;
}

/**
 * Waits until a person approves the step, or asks to go back, or the time is over: only the first passes.
 * @throws Interrupted when the process is asked to stop, and what `guard` throws; it still counts as waiting then
 */
export async function waitForApproval({ requests, step, timeoutMs, rollBack, stop, guard, onWait }: ApprovalOptions): Promise<readonly GateResult[]> {
  const name = `weight-${step.weight}`;
  const earlier = requests.waiting();
  const waiting = earlier?.step === name ? earlier : { step: name, weight: step.weight, since: new Date().toISOString(), until: new Date(Date.now() + timeoutMs).toISOString() };
  await requests.wait(waiting);
  onWait(`Waiting for a person to approve ${step.weight} %, until ${waiting.until}.`);
  const result = (verdict: GateResult["verdict"], summary: string, evidence: readonly EvidenceReference[] = []): readonly GateResult[] => [
    { gate: "approved", verdict, summary, details: [], measured: { weight: step.weight }, ...(evidence.length === 0 ? {} : { evidence }) },
  ];
  const answer = async (): Promise<readonly GateResult[]> => {
    for (;;) {
      await guard();
      if (stop.aborted) throw new Interrupted("Somebody asked the mission to stop.");
      if (rollBack.aborted) return result("FAIL", String(rollBack.reason));
      const approval = requests.approval();
      if (approval?.step === name) return result("PASS", `${approval.by} approved ${step.weight} % at ${approval.at}.`, approval.evidence === undefined ? [] : [approval.evidence]);
      if (Date.now() >= Date.parse(waiting.until)) return result("FAIL", `Nobody approved ${step.weight} % between ${waiting.since} and ${waiting.until}.`);
      await sleep(LOOK_MS);
    }
  };
  const answered = await answer();
  await requests.wait(null);
  return answered;
}
