import type { HttpStep } from "../../model/check.js";
import { show } from "../../model/diagnostic.js";
import { parseDuration } from "../../model/duration.js";
import { failed, notMade, PASSED, timed, type CheckResult, type Ending } from "./check-result.js";
import { fillStep, type Captured } from "./fill-step.js";
import { judgeAnswer, type AllowedStatus } from "./judge-answer.js";
import { sendRequest } from "./send-request.js";

/** Milliseconds that an answer may take where the step does not say `within`. */
const STEP_LIMIT = 10_000;
/** Milliseconds beyond `within` that are waited, so that the sentence can say how late the answer was. */
const LATE_MARGIN = 1_000;

/** A chain of requests to one service. */
export interface HttpChain {
  readonly name: string;
  readonly steps: readonly HttpStep[];
  /** Statuses that every step allows, where a step's own form cannot say them. */
  readonly allowed?: AllowedStatus;
}

export interface HttpTarget {
  /** Address of the service's route. */
  readonly url: string;
  /** Release that must answer, where an answer says which one did (`x-mission-release`); null when any may. */
  readonly expectRelease: string | null;
  readonly signal?: AbortSignal | undefined;
}

/** Sends the requests one after the other, each on a new connection; the first that is not answered as expected ends the check. */
export function runHttpCheck(chain: HttpChain, target: HttpTarget): Promise<CheckResult> {
  return timed(chain.name, async () => {
    let captured: Captured = new Map();
    for (const [index, step] of chain.steps.entries()) {
      const outcome = await runStep(step, target, captured, chain.allowed);
      if (!("verdict" in outcome)) captured = outcome.captured;
      else return { ...outcome, said: `${placeOf(step, index, chain.steps.length)}: ${outcome.said}` };
    }
    return PASSED;
  });
}

async function runStep(step: HttpStep, { url, expectRelease, signal }: HttpTarget, captured: Captured, allowed?: AllowedStatus): Promise<Ending | { readonly captured: Captured }> {
  const filled = fillStep(step, url, captured);
  if (!filled.ok) return failed(filled.reason);
  const limitMs = step.expect.within === undefined ? STEP_LIMIT : parseDuration(step.expect.within) + LATE_MARGIN;
  const sent = await sendRequest(filled.request, { limitMs, signal });
  if (!sent.ok) return sent.ours ? notMade(sent.reason) : failed(sent.reason);
  const release = sent.answer.headers["x-mission-release"];
  if (expectRelease !== null && release !== undefined && release !== expectRelease) {
    return failed(`release ${show(release)} answered, expected "${expectRelease}"; what another release answers says nothing about this one`);
  }
  const judged = judgeAnswer(step, sent.answer, captured, allowed);
  return judged.ok ? { captured: judged.captured } : failed(judged.reasons.join("; "));
}

/** Which request it was, as mission.yaml writes it: captured values may be secret. */
function placeOf({ method, path }: HttpStep, index: number, count: number): string {
  return `${count === 1 ? "" : `step ${index + 1} of ${count}, `}${method} ${path}`;
}
