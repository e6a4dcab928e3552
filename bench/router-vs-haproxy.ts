import http from "node:http";
import { performance } from "node:perf_hooks";
import type { RouterConfig } from "../sandbox/router/config.js";
import { ask, clean, instance, RouterProcess, service, shifted, until } from "../test/sandbox/router/harness.js";
import { startBackends } from "./router/backends.js";
import { startHaproxy } from "./router/haproxy.js";
import { installed, load, type Load } from "./router/wrk.js";
import { figuresOf, row } from "./support/figures.js";

/*
 * The router against haproxy (one thread), both splitting 50/50 over the same two backend processes, with a backend alone as the floor; the targets take
 * turns, so that a slow moment of the machine hits all. Then the time from `PUT /config` to the first answer that obeys it, and from SIGKILL of the router,
 * restarted at once, to its next answer.
 */

const ROUNDS = Number(process.env["ROUNDS"] ?? 5);
const SECONDS = Number(process.env["SECONDS"] ?? 3);
const SWITCHES = Number(process.env["SWITCHES"] ?? 200);
const KILLS = Number(process.env["KILLS"] ?? 20);

async function main(): Promise<void> {
  process.once("SIGINT", () => void clean().finally(() => process.exit(130)));
  try {
    const backends = await startBackends("blue", "green");
    const [blue, green] = backends as [number, number];
    const web = await service([instance("b", blue)], [instance("g", green)], { split: { blue: 50, green: 50 }, headers: false });
    const config = { generation: 1, accessLog: false, services: { web } };
    const router = await RouterProcess.start(config);
    await compare([{ name: "router", port: web.ports.production, pid: router.child?.pid }, { name: "backend", port: blue }], backends);
    const last = await switches(router, config, web.ports.production);
    await kills(router, last, web.ports.production);
  } finally {
    await clean();
  }
}

interface Target {
  readonly name: string;
  readonly port: number;
  /** The process whose CPU time is read. */
  readonly pid?: number | undefined;
}

/** Throughput, p99 and CPU time of each target: medians over the rounds. */
async function compare(targets: readonly Target[], backends: readonly number[]): Promise<void> {
  if (!installed("wrk")) return console.log("wrk is not installed: throughput is skipped (apt-get install -y wrk haproxy)");
  const all = [...targets];
  if (installed("haproxy")) all.push({ name: "haproxy", ...(await startHaproxy(backends)) });
  else console.log("haproxy is not installed: its row is skipped (apt-get install -y haproxy)");
  const loads = new Map<string, Load[]>(all.map(({ name }) => [name, []]));
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (const { name, port, pid } of all) {
      const measured = await load(port, round === 0 ? 1 : SECONDS, pid);
      if (round > 0) loads.get(name)?.push(measured);
    }
  }
  for (const [name, measured] of loads) {
    const failed = measured.reduce((sum, one) => sum + one.failed, 0);
    const cpu = median(measured, "cpuMicros");
    const processor = Number.isNaN(cpu) ? "" : `, ${cpu.toFixed(0)} us of CPU a request`;
    console.log(`${name.padEnd(10)} ${median(measured, "requestsPerSecond").toFixed(0)} requests/s, p99 ${median(measured, "p99").toFixed(2)} ms${processor}, ${failed} failed (medians of ${ROUNDS} x ${SECONDS} s, 32 connections)`);
  }
  const [ours, theirs] = [loads.get("router"), loads.get("haproxy")];
  if (ours === undefined || theirs === undefined) return;
  const ratio = (field: keyof Load): string => (median(ours, field) / median(theirs, field)).toFixed(2);
  console.log(`router / haproxy: ${ratio("requestsPerSecond")} of the throughput, ${ratio("p99")} times the p99, ${ratio("cpuMicros")} times the CPU`);
}

function median(loads: readonly Load[], field: keyof Load): number {
  return figuresOf(loads.map((one) => one[field])).median;
}

/** All traffic to and fro, while one connection asks without a pause; returns the last configuration. */
async function switches(router: RouterProcess, config: RouterConfig, port: number): Promise<RouterConfig> {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  let now = config;
  const times: number[] = [];
  for (let turn = 0; turn <= SWITCHES; turn += 1) {
    const green = turn % 2 === 0 ? 100 : 0;
    now = shifted(now, green);
    const wanted = green === 100 ? "green" : "blue";
    const began = performance.now();
    const obeyed = async (): Promise<void> => {
      while ((await ask(port, { agent })).body !== wanted);
      if (turn > 0) times.push(performance.now() - began);
    };
    await Promise.all([router.put(now), obeyed()]);
  }
  agent.destroy();
  console.log(row("PUT /config to the first answer that obeys it", figuresOf(times)));
  return now;
}

/** Kills the router and starts it again at once, as its supervisor does. */
async function kills(router: RouterProcess, config: RouterConfig, port: number): Promise<void> {
  router.write(config);
  const times: number[] = [];
  for (let turn = 0; turn < KILLS; turn += 1) {
    const began = performance.now();
    await router.stop("SIGKILL");
    const started = router.start();
    await until(() => ask(port).then(({ status }) => status === 200, () => false));
    times.push(performance.now() - began);
    await started;
  }
  console.log(row("SIGKILL to serving again, restarted at once", figuresOf(times)));
}

void main();
