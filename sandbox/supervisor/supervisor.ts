import { rmSync } from "node:fs";
import { DatabaseServer } from "../database/database-server.js";
import { writeWhole } from "../process/atomic-file.js";
import { killProcess } from "../process/end.js";
import { ExitWatch } from "../process/watch.js";
import type { SandboxState } from "../protocol.js";
import { findInstances, readyPorts } from "./adoption.js";
import { AlarmDesk } from "./alarm-desk.js";
import { ownBuild } from "./build.js";
import type { Base, Context } from "./context.js";
import { HttpServer } from "./http-server.js";
import { keepLogs } from "./log-keeping.js";
import type { OpenSandbox } from "./open-sandbox.js";
import { ProcessBook } from "./process-book.js";
import { RouterAdmin } from "./router-admin.js";
import { routesOf } from "./router-config.js";
import { RouterLink } from "./router-link.js";
import { RouterProcess } from "./router-process.js";
import { routes } from "./routes.js";
import { sandboxState, serviceState, type Running } from "./sandbox-state.js";
import { SecretVault } from "./secret-vault.js";
import { SlotControllers } from "./slot-controllers.js";
import { StateStore } from "./state-store.js";
import type { SupervisorLog } from "./supervisor-log.js";

/** Milliseconds that the router gets to end beyond what requests in flight may take. */
const ROUTER_GRACE = 2_000;

/** Keeps a sandbox what it is recorded to be, and changes that on request. */
export class Supervisor {
  readonly #sandbox: OpenSandbox;
  readonly #context: Context;
  readonly #alarms: AlarmDesk;
  readonly #server: HttpServer;
  readonly #running: Running;
  #logs: NodeJS.Timeout | undefined;
  #stopping = false;
  /** Called when it has stopped. */
  stopped: () => void = () => undefined;

  constructor(sandbox: OpenSandbox, artifacts: string, log: SupervisorLog) {
    this.#sandbox = sandbox;
    this.#context = assemble(sandbox, artifacts, log);
    this.#alarms = new AlarmDesk(this.#context);
    this.#running = runningOf(this.#context, this.#alarms);
    const desk = {
      context: this.#context,
      state: () => this.#state,
      service: (name: string) => serviceState(this.#context.store.current, name, this.#running),
      testAlarm: (name: string, id: string) => this.#alarms.test(name, id),
      stop: (traffic: boolean) => void this.stop(traffic),
    };
    this.#server = new HttpServer(sandbox.token, routes(desk), (error) => log.write("error", "a mistake", { error: error instanceof Error ? error.stack : String(error) }));
  }

  /**
   * Adopts what runs, starts what does not, and then answers requests. A router that must be started comes after the look at the instances,
   * because the table it begins with must name none that is gone: its port may be somebody else's by now.
   */
  async start(): Promise<void> {
    const { store, book, paths, router, database, slots, log } = this.#context;
    const found = findInstances(store.current.id, book.instances, readyPorts(paths.routerConfig));
    for (const stray of found.strays) killProcess(stray);
    slots.adopt(found.instances);
    await router.begin();
    if (store.current.database !== null) await database.begin(store.current.database.port);
    else void database.endForgotten();
    slots.reconcile();
    router.nudge();
    const known = () => new Set([...book.instances.map(({ id }) => id), ...Object.values(store.current.services).flatMap(({ slots: held }) => [...(held.blue?.ids ?? []), ...(held.green?.ids ?? [])])]);
    this.#logs = keepLogs(paths, log, known);
    this.#alarms.start();
    const port = await this.#server.listen();
    writeWhole(paths.supervisor, `${JSON.stringify({ pid: process.pid, directory: paths.directory, port, startedAt: new Date().toISOString(), build: this.#running.build })}\n`);
    log.write("info", "the supervisor answers", { port, adopted: found.instances.filter(({ alive }) => alive).length });
  }

  /** Ends the supervisor; with `traffic` also router, instances and database, in that order, so that nobody's request is cut. */
  async stop(traffic: boolean): Promise<void> {
    if (this.#stopping) return;
    this.#stopping = true;
    const { store, slots, router, database, watch, log, paths } = this.#context;
    log.write("info", traffic ? "the sandbox stops" : "the supervisor stops; what runs goes on");
    await this.#server.close();
    await store.close();
    this.#alarms.stop();
    clearInterval(this.#logs);
    slots.letGo();
    router.letGo();
    if (traffic) {
      const drains = Object.values(store.current.services).flatMap(({ slots: held }) => [held.blue?.drainMs ?? 0, held.green?.drainMs ?? 0]);
      await router.process.stop(Math.max(0, ...drains) + ROUTER_GRACE);
      await slots.endAll();
      await database.stop();
    } else {
      database.letGo();
    }
    watch.close();
    rmSync(paths.supervisor, { force: true });
    this.#sandbox.lock.release();
    log.write("info", "the supervisor has ended");
    this.stopped();
  }

  get #state(): SandboxState {
    return sandboxState(this.#context.store.current, this.#running);
  }
}

function assemble({ paths, state, token }: OpenSandbox, artifacts: string, log: SupervisorLog): Context {
  const vault = SecretVault.open(paths);
  const { book, understood } = ProcessBook.open(paths);
  if (!understood) log.write("warning", `"${paths.processes}" is not understood; processes are found by their marker`);
  const watch = new ExitWatch();
  const store = new StateStore(paths, state);
  const admin = new RouterAdmin(paths.routerAdmin, token);
  const process = new RouterProcess({ paths, sandbox: state.id, book, watch, log, admin });
  const router: RouterLink = new RouterLink(paths, process, admin, () => routesOf(store.current, (service) => slots.routed(service)));
  const database = new DatabaseServer({ paths, sandbox: state.id, vault, book, watch, log });
  const base: Base = { paths, artifacts, store, vault, book, log, watch, router, database };
  const slots: SlotControllers = new SlotControllers(base);
  return { ...base, slots };
}

function runningOf({ router, database, slots }: Context, alarms: AlarmDesk): Running {
  return {
    build: ownBuild(),
    supervisor: { pid: process.pid },
    get router() {
      const { pid } = router.process;
      return pid === null ? null : { pid, generation: router.generation };
    },
    get database() {
      return database.status;
    },
    slot: (service, slot) => slots.of(service, slot).status,
    alarmValue: (name) => alarms.valueOf(name),
  };
}
