import type { Slot } from "../../model/slot.js";
import type { Base } from "./context.js";
import { artifactDirectory, instanceEnvironment } from "./instance-environment.js";
import { maskOf, type Mask } from "./mask.js";
import { secretEntry } from "./secret-entry.js";
import type { SlotRecord } from "./state.js";

/** What the instances of a slot may know and nobody else may see. */
export class SlotSecrets {
  readonly #base: Base;
  readonly #service: string;
  readonly #slot: Slot;

  constructor(base: Base, service: string, slot: Slot) {
    this.#base = base;
    this.#service = service;
    this.#slot = slot;
  }

  /** The environment of an instance. @throws Error with what is missing, as the end of a sentence about the instance. */
  environment(record: SlotRecord, id: string, port: number): Record<string, string> {
    const { store, artifacts, vault, database } = this.#base;
    const { spec } = record;
    const secrets = vault.get(secretEntry(this.#service, this.#slot, spec));
    if (secrets === undefined && spec.secrets.length > 0) throw new Error("cannot start: the values of its secrets are lost (no or another key); deploy again");
    if (spec.database && !database.ready) throw new Error("waits for the database");
    return instanceEnvironment({
      sandbox: store.current.id,
      service: this.#service,
      slot: this.#slot,
      id,
      port,
      record,
      directory: artifactDirectory(artifacts, spec.digest),
      secrets: secrets ?? {},
      databaseUrl: spec.database ? database.url : null,
    });
  }

  /** The same for an adopted instance, whose probes can do without what is missing. */
  environmentOrNone(record: SlotRecord, id: string, port: number): Record<string, string> {
    try {
      return this.environment(record, id, port);
    } catch {
      return {};
    }
  }

  /** Masks the secrets of the slot and the database's passwords. */
  mask(record: SlotRecord): Mask {
    const { vault, database } = this.#base;
    return maskOf([...Object.values(vault.get(secretEntry(this.#service, this.#slot, record.spec)) ?? {}), ...database.passwords]);
  }
}
