import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { chmod, readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ABSENT, baseOf } from "../../../model/rollout.js";
import type { Slot } from "../../../model/slot.js";
import type { SlotSpec } from "../../../model/slot-spec.js";
import { SandboxClient, toObserved } from "../../../sandbox/client.js";
import { isAlive, type ProcessIdentity } from "../../../sandbox/process/identity.js";
import { lockOwner } from "../../../sandbox/process/lock.js";
import { scanMarked } from "../../../sandbox/process/scan.js";
import type { SandboxState, ServiceState, SlotRequest, SlotStatus } from "../../../sandbox/protocol.js";
import { storeApp } from "./app.js";

process.env["MISSION_TEST"] = "1";
process.env["MISSION_TEST_BACKOFF_MS"] ??= "5";

/** A quick probe of the test service. */
export const READY = { http: "/ready", interval: "100ms", timeout: "2s", successes: 1, failures: 2 } as const;

/** A sandbox of one test, in a directory of its own; {@link TestSandbox.remove} ends everything of it. */
export class TestSandbox {
  readonly root = mkdtempSync(join(tmpdir(), "mission-sandbox-"));
  readonly directory = join(this.root, "sandbox");
  readonly artifacts = join(this.root, "artifacts");
  #digest: Promise<string> | undefined;

  /** The digest of the test service's artifact. */
  get digest(): Promise<string> {
    return (this.#digest ??= storeApp(this.artifacts));
  }

  client(): Promise<SandboxClient> {
    return SandboxClient.ensure({ directory: this.directory, artifacts: this.artifacts });
  }

  async state(): Promise<SandboxState> {
    return (await SandboxClient.connect(this.directory)).state();
  }

  async service(name = "web"): Promise<ServiceState> {
    const found = (await this.state()).services[name];
    if (found === undefined) throw new Error(`There is no service "${name}".`);
    return found;
  }

  /** `baseOf` a service as it is now. */
  async base(name = "web"): Promise<string> {
    return baseOf(toObserved(await this.state())[name] ?? ABSENT);
  }

  /** `baseOf` a service of which nothing is known yet. */
  readonly emptyBase = baseOf(ABSENT);

  async spec(version: string, more: Partial<SlotSpec> = {}): Promise<SlotSpec> {
    const digest = more.digest ?? (await this.digest);
    return { application: "app", service: "web", version, commit: null, digest, command: ["node", "server.cjs"], readiness: READY, liveness: null, variables: {}, secrets: [], database: false, size: 1, ...more };
  }

  /** A request for a slot on the base of now. */
  async request(version: string, more: Partial<SlotSpec> = {}, rest: Partial<SlotRequest> = {}): Promise<SlotRequest> {
    const spec = await this.spec(version, more);
    return { spec, instances: spec.size, base: rest.base ?? (await this.base(spec.service)), secrets: {}, progressDeadlineMs: 20_000, drainMs: 5_000, environment: "staging", labels: {}, ...rest };
  }

  /** Puts a SlotSpec into a slot and waits until it is ready or failed. */
  async put(slot: Slot, version: string, more: Partial<SlotSpec> = {}, rest: Partial<SlotRequest> = {}): Promise<SlotStatus> {
    const client = await this.client();
    const request = await this.request(version, more, rest);
    const service = request.spec?.service ?? "web";
    await client.putSlot(service, slot, request);
    return client.waitForSlot(service, slot, { signal: AbortSignal.timeout(40_000) });
  }

  /** A service whose blue slot is live with 100 %. Gives the address of its production route. */
  async deploy(version = "1.0.0", more: Partial<SlotSpec> = {}, rest: Partial<SlotRequest> = {}): Promise<string> {
    const client = await this.client();
    const status = await this.put("blue", version, more, rest);
    if (status.phase !== "ready") throw new Error(`blue is ${status.phase}: ${status.reason}`);
    const service = more.service ?? "web";
    await client.putRouting(service, { ports: {}, headers: true, stickinessMs: null, accessLog: false });
    const { endpoints } = await client.putSplit(service, { live: "blue", split: { blue: 100, green: 0 }, returnTo: null, base: null });
    return endpoints?.production ?? "";
  }

  async setSplit(blue: number, live?: Slot): Promise<ServiceState> {
    const { live: recorded, returnTo } = await this.service();
    return (await this.client()).putSplit("web", { live: live ?? recorded ?? "blue", split: { blue, green: 100 - blue }, returnTo, base: await this.base() });
  }

  /** Whoever holds the sandbox now. */
  get supervisor(): ProcessIdentity | undefined {
    return lockOwner(this.directory);
  }

  /** SIGKILL to the supervisor; resolves when it is gone. */
  async killSupervisor(): Promise<void> {
    const supervisor = this.supervisor;
    if (supervisor === undefined) throw new Error("There is no supervisor to kill.");
    await kill(supervisor.pid);
  }

  file(...names: string[]): string {
    return join(this.directory, ...names);
  }

  read(...names: string[]): string {
    return readFileSync(this.file(...names), "utf8");
  }

  /** Everything that carries the sandbox's marker. */
  processes() {
    const { id } = JSON.parse(this.read("state.json")) as { id: string };
    return scanMarked(id);
  }

  /** Ends everything by marker and removes all files. */
  async remove(): Promise<void> {
    const supervisor = this.supervisor;
    if (supervisor !== undefined) await kill(supervisor.pid);
    for (const id of this.#ids()) for (const each of scanMarked(id)) await kill(each.pid);
    await makeWritable(this.artifacts);
    rmSync(this.root, { recursive: true, force: true });
  }

  /** The marker, also of a state that was torn by the test. */
  #ids(): string[] {
    const texts = ["state.json", "state.json.previous"].map((name) => this.file(name)).filter((path) => existsSync(path)).map((path) => readFileSync(path, "utf8"));
    return [...new Set(texts.flatMap((text) => /"id": *"([0-9a-f]+)"/.exec(text)?.[1] ?? []))];
  }
}

/** SIGKILL to a process; resolves when it is gone. */
export async function kill(pid: number, signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
  try {
    process.kill(pid, signal);
    while (existsSync(`/proc/${pid}/stat`) && !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, "latin1"))) await sleep(5);
  } catch {
    // It is gone.
  }
}

/** Waits until something is so. */
export async function until<T>(what: string, look: () => T | Promise<T>, limitMs = 20_000): Promise<NonNullable<T>> {
  const deadline = performance.now() + limitMs;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== null && found !== false) return found as NonNullable<T>;
    if (performance.now() > deadline) throw new Error(`Not within ${limitMs / 1000} s: ${what}.`);
    await sleep(20);
  }
}

/** Whether a pid runs. */
export function runs({ pid, start }: ProcessIdentity): boolean {
  return isAlive({ pid, start });
}

async function makeWritable(directory: string): Promise<void> {
  if (!existsSync(directory)) return;
  await chmod(directory, 0o700);
  for (const entry of await readdir(directory, { withFileTypes: true })) if (entry.isDirectory()) await makeWritable(join(directory, entry.name));
}
