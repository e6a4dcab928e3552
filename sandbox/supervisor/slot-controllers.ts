import { perSlot, SLOTS, type PerSlot, type Slot } from "../../model/slot.js";
import type { Instance as RoutedInstance } from "../router/config.js";
import type { Base } from "./context.js";
import type { Adopted } from "./adoption.js";
import { SlotController } from "./slot-controller.js";

/** The controllers of every slot of every service; one is made when it is first asked for. */
export class SlotControllers {
  readonly #base: Base;
  readonly #all = new Map<string, SlotController>();

  constructor(base: Base) {
    this.#base = base;
  }

  of(service: string, slot: Slot): SlotController {
    const key = `${service}/${slot}`;
    const known = this.#all.get(key) ?? new SlotController(this.#base, service, slot);
    this.#all.set(key, known);
    return known;
  }

  /** Instances of a service that the router may know. */
  routed(service: string): PerSlot<readonly RoutedInstance[]> {
    return perSlot((slot) => this.#all.get(`${service}/${slot}`)?.routed() ?? []);
  }

  /** Takes over processes that were found at the start. */
  adopt(found: readonly Adopted[]): void {
    for (const each of found) this.of(each.entry.service, each.entry.slot).adopt(each);
  }

  /** Brings every slot in line with what is recorded. */
  reconcile(): void {
    for (const name of Object.keys(this.#base.store.current.services)) for (const slot of SLOTS) this.of(name, slot);
    for (const controller of this.#all.values()) controller.reconcile();
  }

  /** Ends every instance, without waiting for requests in flight. */
  async endAll(): Promise<void> {
    await Promise.all([...this.#all.values()].map((controller) => controller.endAll()));
  }

  /** Stops probing and restarting; processes go on. */
  letGo(): void {
    for (const controller of this.#all.values()) controller.letGo();
  }
}
