/** What a platform answered, or why it did not, as a sentence. */
export type Answer<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly reason: string };

/**
 * Asks a platform something and never throws or waits longer than that: a platform that hangs must not hold up a decision.
 * @param what subject of the sentence, such as `The metrics of service "web"`
 */
export async function askWithin<T>(what: string, milliseconds: number, signal: AbortSignal | undefined, ask: () => Promise<T>): Promise<Answer<T>> {
  let timer: NodeJS.Timeout | undefined;
  let stop: (() => void) | undefined;
  const late = new Promise<Answer<T>>((resolve) => {
    timer = setTimeout(() => resolve({ ok: false, reason: `${what}: the platform did not answer within ${milliseconds} ms.` }), milliseconds);
    stop = () => resolve({ ok: false, reason: `${what}: nobody waits for the answer any more.` });
    signal?.addEventListener("abort", stop, { once: true });
    if (signal?.aborted === true) stop();
  });
  const answer = (async (): Promise<Answer<T>> => {
    try {
      return { ok: true, value: await ask() };
    } catch (error) {
      return { ok: false, reason: `${what} cannot be read: ${sentence(error)}` };
    }
  })();
  return Promise.race([answer, late]).finally(() => {
    clearTimeout(timer);
    if (stop !== undefined) signal?.removeEventListener("abort", stop);
  });
}

function sentence(error: unknown): string {
  const text = (error instanceof Error ? error.message : String(error)).trim();
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
