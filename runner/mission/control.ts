import type { Asked } from "./steps.js";
import type { Requests } from "./requests.js";

/** Milliseconds between two looks at what people ask; a look reads one directory entry. */
const LOOK_MS = 200;

/** What is asked of the mission that runs in this process. */
export interface Control {
  asked(): Asked;
  /** Aborted with a sentence when somebody asks to go back: what runs then is cut short. */
  readonly rollBack: AbortSignal;
  /** Aborted when a signal asks to stop: what only waits ends, what changes something is finished. */
  readonly stop: AbortSignal;
  close(): void;
}

/** The first signal brings a mission to a safe point, the second ends the process where it is; the mission can go on after either. */
export function watchControl(requests: Requests, onSignal: (name: NodeJS.Signals) => void): Control {
  const rollBack = new AbortController();
  const stop = new AbortController();
  const look = () => {
    const request = rollBack.signal.aborted ? null : requests.rollBack();
    if (request !== null) rollBack.abort(`${request.by} asked to go back: ${request.reason}`);
  };
  const timer = setInterval(look, LOOK_MS);
  const signalled = (name: NodeJS.Signals) => {
    if (stop.signal.aborted) process.exit(130);
    stop.abort(name);
    onSignal(name);
  };
  const names = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  for (const name of names) process.on(name, signalled);
  look();
  return {
    asked() {
      look();
      if (rollBack.signal.aborted) return { kind: "roll-back", reason: String(rollBack.signal.reason) };
      return stop.signal.aborted ? { kind: "stop" } : null;
    },
    rollBack: rollBack.signal,
    stop: stop.signal,
    close() {
      clearInterval(timer);
      for (const name of names) process.off(name, signalled);
    },
  };
}
