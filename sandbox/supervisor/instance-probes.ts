import type { Probe } from "../../model/probe.js";
import { HealthLoop } from "./health-loop.js";
import type { ProbeTarget } from "./probe-once.js";

/** How an instance is probed. */
export interface ProbePlan {
  readonly readiness: Probe;
  readonly liveness: Probe | null;
  /** Milliseconds after a start in which liveness is not asked for, unless the instance is ready before. */
  readonly startGraceMs: number;
}

/** Who is told what the probes find. */
export interface ProbeListener {
  /** In words, what the last readiness probe found. Not masked. */
  note(text: string): void;
  ready(ready: boolean): void;
  /** The liveness probe failed as often as it may. */
  lifeless(): void;
}

/** Milliseconds from a start to the first probe. */
const FIRST = 20;

/** The readiness and liveness probes of one process. */
export class InstanceProbes {
  readonly #plan: ProbePlan;
  readonly #target: ProbeTarget;
  readonly #listener: ProbeListener;
  readonly #readiness: HealthLoop;
  #liveness: HealthLoop | undefined;
  #grace: NodeJS.Timeout | undefined;

  /** `ready`: what the instance is known to be, for one that was adopted. */
  constructor(plan: ProbePlan, target: ProbeTarget, ready: boolean, listener: ProbeListener) {
    this.#plan = plan;
    this.#target = target;
    this.#listener = listener;
    this.#readiness = new HealthLoop(plan.readiness, target, ready, ready ? 0 : FIRST, {
      result: ({ text }) => listener.note(text),
      changed: (healthy) => {
        if (healthy) this.#watchLife();
        listener.ready(healthy);
      },
    });
    if (ready) this.#watchLife();
    else if (plan.liveness !== null) this.#grace = setTimeout(() => this.#watchLife(), plan.startGraceMs);
  }

  /** Nobody is told anything any more. */
  stop(): void {
    clearTimeout(this.#grace);
    this.#readiness.stop();
    this.#liveness?.stop();
  }

  #watchLife(): void {
    clearTimeout(this.#grace);
    if (this.#plan.liveness === null || this.#liveness !== undefined) return;
    const changed = (healthy: boolean) => {
      if (!healthy) this.#listener.lifeless();
    };
    this.#liveness = new HealthLoop(this.#plan.liveness, this.#target, true, 0, { result: () => undefined, changed });
  }
}
