import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import type { Slot } from "../../model/slot.js";
import { baseEnvironment } from "../process/environment.js";
import { MARKER } from "../process/scan.js";
import type { SecretValues } from "./secret-vault.js";
import type { SlotRecord } from "./state.js";

/** What an instance's environment is made of. */
export interface InstanceFacts {
  readonly sandbox: string;
  readonly service: string;
  readonly slot: Slot;
  readonly id: string;
  readonly port: number;
  readonly record: SlotRecord;
  /** Folder of the artifact. */
  readonly directory: string;
  readonly secrets: SecretValues;
  /** Null: the service asks for no database. */
  readonly databaseUrl: string | null;
}

/** The whole environment of an instance: the base, what the platform sets, then the SlotSpec's variables and the secrets. */
export function instanceEnvironment(facts: InstanceFacts): Record<string, string> {
  const { record, port, slot, service, id, sandbox, secrets, databaseUrl } = facts;
  const base = baseEnvironment();
  const binaries = join(facts.directory, "node_modules", ".bin");
  const path = [...(existsSync(binaries) ? [binaries] : []), ...(base["PATH"] === undefined ? [] : [base["PATH"]])].join(delimiter);
  return {
    ...base,
    ...record.spec.variables,
    ...secrets,
    PATH: path,
    PORT: String(port),
    HOST: "127.0.0.1",
    MISSION_SLOT: slot,
    MISSION_ENVIRONMENT: record.environment,
    MISSION_SERVICE: service,
    MISSION_VERSION: record.spec.version,
    MISSION_INSTANCE: id,
    MISSION_ROLE: "instance",
    [MARKER]: sandbox,
    ...(databaseUrl === null ? {} : { DATABASE_URL: databaseUrl }),
  };
}

/** Folder of an artifact: its digest's 64 digits below the artifacts' directory. */
export function artifactDirectory(artifacts: string, digest: string): string {
  return join(artifacts, digest.replace(/^sha256:/, ""));
}
