import { setTimeout as sleep } from "node:timers/promises";
import type { EvidenceReference } from "../../model/evidence.js";
import type { GateResult } from "../../model/verdict.js";
import type { Requests } from "./requests.js";
import { Interrupted } from "./steps.js";

/** Milliseconds between two looks. */
const LOOK_MS = 250;

/** What a person is asked. */
export interface Asked {
  /** Name of what is waited for, such as `weight-50`. */
  readonly name: string;
  /** In words, such as `50 %`. */
  readonly words: string;
  /** Percent; null where it is the plan. */
  readonly weight: number | null;
  /** Who has said yes; null while nobody has. */
  readonly answer: () => { readonly by: string; readonly at: string; readonly evidence?: EvidenceReference | undefined } | null;
}

export interface ApprovalOptions {
  readonly requests: Requests;
  readonly asked: Asked;
  /** Milliseconds; after that the answer is no. A mission that goes on later waits for what is left. */
  readonly timeoutMs: number;
  readonly rollBack: AbortSignal;
  readonly stop: AbortSignal;
  /** Throws when somebody else has taken the mission over: what it waits for is then none of this process's business. */
  readonly guard: () => Promise<void>;
  readonly onWait: (sentence: string) => void;
}

/** A step of a shift. */
export function stepAsked(requests: Requests, weight: number): Asked {
  const name = `weight-${weight}`;
  return {
    name,
    words: `${weight} %`,
    weight,
    answer() {
      const approval = requests.approval();
      return approval?.step === name ? approval : null;
    },
  };
}

/** The plan of a mission, before production begins. */
export function planAsked(requests: Requests): Asked {
  return { name: "plan", words: "the plan", weight: null, answer: () => requests.planApproval() };
}

/**
 * Waits until a person approves, or asks to go back, or the time is over: only the first passes.
 * @throws Interrupted when the process is asked to stop, and what `guard` throws; it still counts as waiting then
 */
export async function waitForApproval({ requests, asked: { name, words, weight, answer }, timeoutMs, rollBack, stop, guard, onWait }: ApprovalOptions): Promise<readonly GateResult[]> {
  const earlier = requests.waiting();
  const waiting = earlier?.step === name ? earlier : { step: name, weight, since: new Date().toISOString(), until: new Date(Date.now() + timeoutMs).toISOString() };
  await requests.wait(waiting);
  if (answer() === null) onWait(`Waiting for a person to approve ${words}, until ${waiting.until}.`);
  const result = (verdict: GateResult["verdict"], summary: string, evidence: readonly EvidenceReference[] = []): readonly GateResult[] => [
    { gate: "approved", verdict, summary, details: [], measured: { weight }, ...(evidence.length === 0 ? {} : { evidence }) },
  ];
  const answered = async (): Promise<readonly GateResult[]> => {
    for (;;) {
      await guard();
      if (stop.aborted) throw new Interrupted("Somebody asked the mission to stop.");
      if (rollBack.aborted) return result("FAIL", String(rollBack.reason));
      const approval = answer();
      if (approval !== null) return result("PASS", `${approval.by} approved ${words} at ${approval.at}.`, approval.evidence === undefined ? [] : [approval.evidence]);
      if (Date.now() >= Date.parse(waiting.until)) return result("FAIL", `Nobody approved ${words} between ${waiting.since} and ${waiting.until}.`);
      await sleep(LOOK_MS);
    }
  };
  const results = await answered();
  await requests.wait(null);
  return results;
}
