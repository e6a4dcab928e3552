import type { DatabaseServer } from "../database/database-server.js";
import type { ExitWatch } from "../process/watch.js";
import type { SandboxPaths } from "./paths.js";
import type { ProcessBook } from "./process-book.js";
import type { RouterLink } from "./router-link.js";
import type { SecretVault } from "./secret-vault.js";
import type { SlotControllers } from "./slot-controllers.js";
import type { StateStore } from "./state-store.js";
import type { SupervisorLog } from "./supervisor-log.js";

/** The parts of a supervisor that know nothing of slots. */
export interface Base {
  readonly paths: SandboxPaths;
  /** Directory of the artifacts. */
  readonly artifacts: string;
  readonly store: StateStore;
  readonly vault: SecretVault;
  readonly book: ProcessBook;
  readonly log: SupervisorLog;
  readonly watch: ExitWatch;
  readonly router: RouterLink;
  readonly database: DatabaseServer;
}

/** Everything that a request can need. */
export interface Context extends Base {
  readonly slots: SlotControllers;
}
