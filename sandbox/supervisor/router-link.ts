import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { canonicalJson } from "../../model/digest.js";
import { writeWhole } from "../process/atomic-file.js";
import { failpoint } from "./failpoint.js";
import type { SandboxPaths } from "./paths.js";
import { Refusal } from "./refusal.js";
import type { RouterAdmin } from "./router-admin.js";
import { RouterSilent } from "./router-admin.js";
import type { Routes } from "./router-config.js";
import type { RouterProcess } from "./router-process.js";

/** The router refuses a table. `port` is the one in use, where that is why. */
export class RouterRefusal extends Error {
  override readonly name = "RouterRefusal";

  constructor(
    message: string,
    readonly port: number | null,
  ) {
    super(message);
  }
}

/** Milliseconds that a router may take to come back before a push gives up. */
const PATIENCE = 20_000;

/** Keeps the router's table what it should be: each table is written to `router.json` first and then pushed. */
export class RouterLink {
  readonly process: RouterProcess;
  readonly #admin: RouterAdmin;
  readonly #paths: SandboxPaths;
  readonly #routes: () => Routes;
  #tail: Promise<unknown> = Promise.resolve();
  #queued: Promise<void> | undefined;
  #generation = 0;
  /** The table the running router confirmed; null: not known. */
  #inForce: Routes | null = null;
  /** The last table that some router accepted: what `router.json` goes back to after a refusal. */
  #accepted: string | null = null;
  #pushed = false;
  #closed = false;
  #retry: NodeJS.Timeout | undefined;

  /** `routes` makes the table that is wanted at the time of the call. */
  constructor(paths: SandboxPaths, process: RouterProcess, admin: RouterAdmin, routes: () => Routes) {
    this.#paths = paths;
    this.process = process;
    this.#admin = admin;
    this.#routes = routes;
    this.#accepted = recordedTable(paths.routerConfig);
    this.#generation = generationOf(this.#accepted);
    process.started = () => {
      this.#inForce = null;
      if (this.#pushed) this.nudge();
    };
  }

  /** Generation of the last table that was pushed. */
  get generation(): number {
    return this.#generation;
  }

  /** Adopts the router that runs, or starts one with the table that is wanted now. */
  begin(): Promise<void> {
    return this.process.begin(() => (this.#accepted = this.#write(this.#routes())));
  }

  /**
   * Makes the table that is wanted now the one in force; resolves when it is. Calls while one is under way share the next one.
   * @throws RouterRefusal when the router refuses the table; what was in force stays.
   * @throws Refusal 503 when there is no router for 20 s, 500 when `router.json` cannot be written.
   */
  push(): Promise<void> {
    this.#pushed = true;
    if (this.#queued !== undefined) return this.#queued;
    const next = this.#tail.then(() => {
      this.#queued = undefined;
      return this.#apply();
    });
    this.#queued = next;
    this.#tail = next.catch(() => undefined);
    return next;
  }

  /** Pushes for a change that nobody waits for, such as readiness; tried again every second until the router takes it. */
  nudge(): void {
    clearTimeout(this.#retry);
    if (this.#closed) return;
    this.push().catch(() => {
      clearTimeout(this.#retry);
      if (!this.#closed) this.#retry = setTimeout(() => this.nudge(), 1_000);
    });
  }

  /** From now on the router is left alone. */
  letGo(): void {
    this.#closed = true;
    clearTimeout(this.#retry);
    this.process.letGo();
    this.#admin.close();
  }

  /** Requests in flight by instance id; ids with none are left out. @throws RouterSilent */
  async inFlight(): Promise<Readonly<Record<string, number>>> {
    return (await this.#admin.state()).inFlight;
  }

  /** @throws RouterSilent */
  metrics(): Promise<string> {
    return this.#admin.metrics();
  }

  async #apply(): Promise<void> {
    if (this.#closed) throw new Refusal(503, "The supervisor is stopping; connect again.", "stopping");
    const routes = this.#routes();
    if (this.#inForce !== null && canonicalJson(routes) === canonicalJson(this.#inForce)) return;
    const deadline = performance.now() + PATIENCE;
    for (;;) {
      const text = this.#write(routes);
      failpoint("router-file-written");
      const answer = await this.#put(text, deadline);
      if (answer.status >= 200 && answer.status < 300) {
        this.#inForce = routes;
        this.#accepted = text;
        return;
      }
      const running = await this.#admin.state().catch(() => undefined);
      if (running !== undefined && running.generation > this.#generation) {
        this.#generation = running.generation;
        continue;
      }
      if (this.#accepted !== null) writeWhole(this.#paths.routerConfig, this.#accepted);
      this.#inForce = null;
      throw refusal(answer.text, answer.status);
    }
  }

  #write(routes: Routes): string {
    this.#generation += 1;
    const text = `${JSON.stringify({ generation: this.#generation, ...routes }, null, 1)}\n`;
    try {
      writeWhole(this.#paths.routerConfig, text);
    } catch (error) {
      throw new Refusal(500, `The routing table "${this.#paths.routerConfig}" cannot be written (${(error as NodeJS.ErrnoException).code ?? String(error)}); nothing was changed.`, "disk");
    }
    return text;
  }

  /** Sends a table until the router answers: one that is just starting has read it from the file anyway. */
  async #put(text: string, deadline: number) {
    for (;;) {
      try {
        return await this.#admin.putConfig(text);
      } catch (error) {
        if (!(error instanceof RouterSilent) || performance.now() > deadline) {
          throw new Refusal(503, `The router does not answer (${error instanceof Error ? error.message : String(error)}); see "${this.#paths.routerLog}".`, "router");
        }
        await sleep(20);
      }
    }
  }
}

function refusal(text: string, status: number): RouterRefusal {
  try {
    const body = JSON.parse(text) as { error?: unknown; port?: unknown };
    return new RouterRefusal(typeof body.error === "string" ? body.error : `The router answered ${status}.`, typeof body.port === "number" ? body.port : null);
  } catch {
    return new RouterRefusal(`The router answered ${status}.`, null);
  }
}

function recordedTable(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}

function generationOf(table: string | null): number {
  try {
    const { generation } = JSON.parse(table ?? "{}") as { generation?: unknown };
    return typeof generation === "number" && Number.isInteger(generation) ? generation : 0;
  } catch {
    return 0;
  }
}
