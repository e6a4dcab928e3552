import { EXIT, UserError } from "../errors.js";

/** Why nothing moves in an environment, or moves only with care. */
export interface Standing {
  /** Nothing moves up until a person ends it: no raise, no deployment. The way back is always open. */
  readonly freeze: Statement | null;
  /** Since a rollback: no automatic promotion until a person releases it. */
  readonly hold: Statement | null;
}

/** Who said something, when (ISO 8601) and why. */
export interface Statement {
  readonly reason: string;
  readonly by: string;
  readonly at: string;
}

/** Who works on an environment. */
export interface Holder {
  readonly mission: string;
  /** ISO 8601. */
  readonly since: string;
  /** ISO 8601: until then nobody else gets it. */
  readonly until: string;
}

/** The right to change one environment, for one mission at a time. */
export interface Lease {
  readonly environment: string;
  readonly mission: string;
  /** Fencing number: grows with every lease of the environment, never used twice. */
  readonly token: number;
  /** @throws StaleLease when somebody else has it by now; to be asked immediately before every effect */
  check(): Promise<void>;
  /** Prolongs it by its time to live. @throws StaleLease */
  renew(): Promise<void>;
  /** Gives it back; nothing when somebody else has it. */
  release(): Promise<void>;
}

/** A lease, or who has it. */
export type Acquired = { readonly ok: true; readonly lease: Lease } | { readonly ok: false; readonly holder: Holder };

/** How a lease is asked for. */
export interface LeaseRequest {
  readonly mission: string;
  /** Time without renewal after which another mission may take over, 1,000 ms to 1 h. */
  readonly ttlMs: number;
}

/**
 * Where the leases, freezes and holds of environments live, so that missions on any machine see the same. One per backend; all pass
 * `test/runner/store/conformance.ts`.
 */
export interface MissionStore {
  /** Gives the environment to one mission: when nobody has it, its holder's time is over, or its holder is proven dead. */
  acquire(environment: string, request: LeaseRequest): Promise<Acquired>;
  /** Who has the environment now; null when nobody has, or its holder's time is over, or its holder is proven dead. */
  holder(environment: string): Promise<Holder | null>;
  standing(environment: string): Promise<Standing>;
  /** Records a freeze or a hold, or ends it; what was said stays in the history. */
  set(environment: string, kind: keyof Standing, statement: Statement): Promise<void>;
  clear(environment: string, kind: keyof Standing, statement: Statement): Promise<void>;
  /** Everything that was said of an environment, oldest first. */
  history(environment: string): Promise<readonly (Statement & { readonly kind: keyof Standing; readonly begins: boolean })[]>;
}

/** A process acts on a lease that another one has taken over. It must do nothing more. */
export class StaleLease extends UserError {
  constructor(environment: string, mission: string, token: number, newest: number) {
    super(EXIT.locked, `Mission "${mission}" no longer has "${environment}": its lease ${token} was followed by ${newest}, because somebody else has taken it over. This process does nothing more.`);
    this.name = "StaleLease";
  }
}
