import { otherSlot } from "../../model/slot.js";
import type { Gates } from "../../model/gates.js";
import type { Observed, ObservedService } from "../../model/rollout.js";
import type { Release } from "../../model/release.js";
import { specDigest } from "../../model/slot-spec.js";
import type { GateResult } from "../../model/verdict.js";
import { openStack } from "../engine/stack.js";
import { readStackFileSettings } from "../engine/read-stack-settings.js";
import { syncStackFile, type StackOrigin } from "../engine/stack-file.js";
import type { PlatformAdapter } from "../platforms/adapter.js";
import { writeRelease } from "../release/write-release.js";
import { inLine } from "../gates/engine-in-line.js";
import { secretsReadable } from "../engine/search-state.js";
import { previewAsIs } from "../plan/preview.js";
import type { PolicyPack } from "../policies/policy-pack.js";
import { applyRollout, keepUp, type UpRun } from "../rollout/apply-rollout.js";
import { bringInLine } from "../rollout/bring-in-line.js";
import { planRollout, type RolloutIntent } from "../rollout/rollout-intent.js";
import { takeTrafficBack } from "../rollout/take-traffic-back.js";
import { forgetFinished, noteFinished } from "../store/finished.js";
import type { Ground, Probed, View } from "./ground.js";
import type { Json } from "./journal-port.js";

/** What a ground measures with, and what it does beside Pulumi. */
export type Instruments = Pick<Ground, "permit" | "check" | "watch" | "baseline" | "migrate" | "startProbing" | "probed" | "markProbed" | "stopProbing"> & {
  /** The pack that judges every `up`: the one that the plan pins. @throws PackRefusal when it pins none */
  readonly pack: () => PolicyPack;
};

/** A Pulumi stack as a mission of one release works on it. */
export class StackGround implements Ground {
  readonly stack: string;

  constructor(
    private readonly origin: StackOrigin,
    private readonly adapter: PlatformAdapter,
    private readonly release: Release,
    private readonly instruments: Instruments,
    private readonly onOutput: (text: string) => void = () => undefined,
    /** Stops an `up` that runs, and lets none begin; the way back does not heed it. */
    private readonly signal?: AbortSignal,
    /** What a change rests on, asked before each one; undefined: what the stack's kept file says. The way back rests on nothing. */
    private readonly gates: () => Gates | undefined = () => undefined,
  ) {
    this.stack = origin.stack;
  }

  describe(): Promise<Observed> {
    return this.adapter.describe();
  }

  async stage(): Promise<void> {
    const stack = await openStack(this.stack, this.origin);
    await writeRelease(stack.file, this.release);
    await keepUp(stack, this.adapter, (observed) => this.#notStaged(observed), this.#judged());
  }

  async candidates(): Promise<readonly string[]> {
    return Object.entries(await this.describe()).flatMap(([service, now]) => (this.#runsIn(service, now, "free") && !this.#isSameAsLive(now) ? [service] : []));
  }

  async apply(intent: RolloutIntent, services: readonly string[]): Promise<void> {
    const observed = await this.describe();
    const open = services.filter((service) => {
      const now = observed[service];
      // Done by a run that was killed before it could record it.
      return now === undefined || intent.kind !== "finish" || !this.#runsIn(service, now, "live") || now.returnTo === null;
    });
    if (open.length === 0) {
      if (intent.kind === "finish") await noteFinished(this.stack, observed);
      return;
    }
    const { rollout, steps } = planRollout(this.stack, Object.fromEntries(open.flatMap((service) => (observed[service] === undefined ? [] : [[service, observed[service]]]))), intent);
    if (steps.every(({ transition }) => transition === "none")) return;
    const stack = await openStack(this.stack, this.origin);
    if (intent.kind === "finish") await forgetFinished(this.stack, open);
    await applyRollout(stack, this.adapter, rollout, this.#judged());
    if (intent.kind === "finish") await noteFinished(this.stack, await this.describe());
  }

  takeBack(intent: RolloutIntent, services: readonly string[]): Promise<readonly string[]> {
    return takeTrafficBack(this.stack, this.adapter, intent, services);
  }

  async configured(): Promise<Json> {
    const { settings } = await readStackFileSettings(await syncStackFile(this.origin));
    return (settings?.release ?? null) as unknown as Json;
  }

  async reconcile(configured: Json): Promise<string | null> {
    const stack = await openStack(this.stack, this.origin);
    if (configured !== null) await writeRelease(stack.file, configured as unknown as Release);
    const { settings } = await readStackFileSettings(stack.file);
    const services = settings === null ? null : Object.keys(settings.release?.services ?? {});
    return bringInLine({ stack, adapter: this.adapter, pack: () => this.instruments.pack(), configured: services, onOutput: this.onOutput });
  }

  async inLine(): Promise<readonly GateResult[]> {
    const stack = await openStack(this.stack, this.origin);
    return [inLine({ preview: await previewAsIs(this.origin, this.instruments.pack()), secrets: await secretsReadable(this.stack, stack.environment) })];
  }

  #judged(): UpRun {
    return { onOutput: this.onOutput, signal: this.signal, gates: this.gates(), pack: this.instruments.pack() };
  }

  permit(raise: "first" | "later"): Promise<readonly GateResult[]> {
    return this.instruments.permit(raise);
  }

  migrate(): Promise<Json> {
    return this.instruments.migrate();
  }

  startProbing(): Promise<void> {
    return this.instruments.startProbing();
  }

  probed(since?: "start" | "mark"): Promise<Probed | null> {
    return this.instruments.probed(since);
  }

  markProbed(): Promise<void> {
    return this.instruments.markProbed();
  }

  stopProbing(): Promise<Probed | null> {
    return this.instruments.stopProbing();
  }

  check(view: View): Promise<readonly GateResult[]> {
    return this.instruments.check(view);
  }

  baseline(): Promise<Json> {
    return this.instruments.baseline();
  }

  watch(milliseconds: number, baseline: Json): Promise<readonly GateResult[]> {
    return this.instruments.watch(milliseconds, baseline);
  }

  #notStaged(observed: Observed): string[] {
    return Object.keys(this.release.services).flatMap((service) => {
      const now = observed[service];
      if (now === undefined) return [`Service "${service}" is not there.`];
      return this.#runsIn(service, now, "live") || this.#runsIn(service, now, "free") ? [] : [`Service "${service}": no slot holds ${this.release.version} with every instance ready.`];
    });
  }

  /** Whether a slot holds the release with all its instances. */
  #runsIn(service: string, { live, slots }: ObservedService, which: "live" | "free"): boolean {
    if (live === null) return false;
    const held = slots[which === "live" ? live : otherSlot(live)];
    const released = this.release.services[service];
    return held !== null && released !== undefined && held.spec.version === this.release.version && held.spec.digest === released.digest && held.instances > 0 && held.ready >= held.instances;
  }

  #isSameAsLive({ live, slots }: ObservedService): boolean {
    if (live === null) return false;
    const [a, b] = [slots[live], slots[otherSlot(live)]];
    return a !== null && b !== null && specDigest(a.spec) === specDigest(b.spec);
  }
}
