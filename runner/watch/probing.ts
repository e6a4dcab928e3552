import type { Application } from "../../model/application.js";
import type { Ground, Probed } from "../mission/ground.js";
import type { PlatformAdapter } from "../platforms/adapter.js";
import { startProber, type Prober } from "../prober/start-prober.js";
import { combineProbed, probedOf } from "./combine-probed.js";

/** What is probed, and how much. */
export interface ProbingOptions {
  readonly adapter: Pick<PlatformAdapter, "describe" | "endpoints">;
  readonly application: { readonly checks: Pick<Application["checks"], "load"> };
  /** Requests a second over all services together, above 0. */
  readonly rate: number;
  /** How long the first answer of a service may take, milliseconds. Default 10,000. */
  readonly startTimeoutMs?: number;
}

/** Requests from outside the platform to every service that serves: a prober process for each, which ends with this process. */
export class Probing implements Pick<Ground, "startProbing" | "probed" | "markProbed" | "stopProbing"> {
  #probers: ReadonlyMap<string, Prober> | null = null;

  constructor(private readonly options: ProbingOptions) {}

  /**
   * Begins to send, where something serves; nothing when that goes on already.
   * @throws Error when a service does not answer; nothing is sent then
   */
  async startProbing(): Promise<void> {
    if (this.#probers !== null) return;
    const { adapter, application, rate, startTimeoutMs } = this.options;
    const live = Object.entries(await adapter.describe()).flatMap(([service, { live: slot }]) => (slot === null ? [] : [service]));
    const urls = await Promise.all(live.map(async (service) => [service, (await adapter.endpoints(service))?.production] as const));
    const targets = urls.flatMap(([service, url]) => (url === undefined ? [] : [[service, url] as const]));
    if (targets.length === 0) return;
    const requests = application.checks.load.length === 0 ? [{ path: "/" }] : application.checks.load.map(({ path, weight }) => ({ path, weight }));
    const started = await Promise.allSettled(targets.map(async ([service, url]) => [service, await startProber({ url, requests, rate: rate / targets.length, arrivals: "random", ...(startTimeoutMs === undefined ? {} : { startTimeoutMs }) })] as const));
    const running = new Map(started.flatMap((each) => (each.status === "fulfilled" ? [each.value] : [])));
    const failed = started.flatMap((each) => (each.status === "rejected" ? [(each.reason as Error).message] : []));
    if (failed.length > 0) {
      await Promise.allSettled([...running.values()].map((prober) => prober.stop()));
      throw new Error(failed.join(" "));
    }
    this.#probers = running;
  }

  /** @throws Error when a prober has ended by itself: what it would have seen is not known */
  async probed(since: "start" | "mark" = "start"): Promise<Probed | null> {
    return combineProbed([...(await this.probedServices(since)).values()]);
  }

  /** The same for each service; none while nothing is sent. */
  async probedServices(since: "start" | "mark" = "start"): Promise<ReadonlyMap<string, Probed>> {
    return new Map(await Promise.all([...(this.#probers ?? [])].map(async ([service, prober]) => [service, probedOf(await prober.snapshot(since))] as const)));
  }

  async markProbed(): Promise<void> {
    await Promise.all([...(this.#probers?.values() ?? [])].map((prober) => prober.mark()));
  }

  /** @throws Error when a prober has ended by itself; the others are stopped all the same */
  async stopProbing(): Promise<Probed | null> {
    const probers = [...(this.#probers?.values() ?? [])];
    this.#probers = null;
    const ended = await Promise.allSettled(probers.map((prober) => prober.stop()));
    const lost = ended.find((each) => each.status === "rejected");
    if (lost !== undefined) throw lost.reason as Error;
    return combineProbed(ended.flatMap((each) => (each.status === "fulfilled" ? [probedOf(each.value)] : [])));
  }
}
