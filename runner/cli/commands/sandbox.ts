import { existsSync, readdirSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { SandboxClient, readOffline, stopSandbox } from "../../../sandbox/client.js";
import { artifactsDirectory, missionHome, sandboxDirectory } from "../../../sandbox/home.js";
import type { SandboxState } from "../../../sandbox/protocol.js";
import { EXIT, UserError } from "../../errors.js";
import { sayStillRunning } from "../still-running.js";
import type { Terminal } from "../terminal.js";

function sandboxes(): string[] {
  const directory = join(missionHome(), "sandboxes");
  return existsSync(directory) ? readdirSync(directory).sort() : [];
}

/** Prints what runs on this machine. Starts nothing. */
export async function status(json: boolean, terminal: Terminal): Promise<void> {
  const found = await Promise.all(
    sandboxes().map(async (name) => {
      const running = await SandboxClient.connect(sandboxDirectory(name)).then((client) => client.state(), () => undefined);
      const state = running ?? (await readOffline(sandboxDirectory(name)));
      return { name, running: running !== undefined, serving: running !== undefined || (await anyRouteAnswers(state)), state };
    }),
  );
  if (json) return terminal.print(JSON.stringify(found, null, 2));
  if (found.length === 0) return terminal.print("No sandbox on this machine.");
  for (const { name, running, serving, state } of found) {
    const services = Object.entries(state?.services ?? {}).map(([service, { endpoints }]) => `${service} ${endpoints?.production ?? "without routes"}`);
    terminal.print(`${name}: ${running ? "running" : serving ? "serving, without its supervisor (the next command on it brings one back)" : "stopped"}; ${services.join(", ") || "no service"}${state?.database ? `; database on port ${state.database.port}` : ""}`);
  }
}

/** Whether a route accepts connections although no supervisor answers: traffic outlives it. */
async function anyRouteAnswers(state: SandboxState | undefined): Promise<boolean> {
  const urls = Object.values(state?.services ?? {}).flatMap(({ endpoints }) => (endpoints === null ? [] : [endpoints.production]));
  const answers = await Promise.all(
    urls.map(
      (url) =>
        new Promise<boolean>((resolve) => {
          const socket = connect({ host: "127.0.0.1", port: Number(new URL(url).port), timeout: 1_000 });
          const end = (answered: boolean) => {
            socket.destroy();
            resolve(answered);
          };
          socket.once("connect", () => end(true)).once("error", () => end(false)).once("timeout", () => end(false));
        }),
    ),
  );
  return answers.some(Boolean);
}

/** Stops one sandbox, or all, with everything in it; what is recorded stays, and a start brings it back. */
export async function stop(name: string | undefined, terminal: Terminal): Promise<void> {
  const names = name === undefined ? sandboxes() : [known(name)];
  for (const each of names) {
    await stopSandbox(sandboxDirectory(each), { traffic: true });
    terminal.say(`The sandbox of "${each}" is stopped; it comes back as it was with: ./mission sandbox start ${each}`);
  }
  if (names.length === 0) terminal.say("No sandbox on this machine.");
}

/** Starts a sandbox as it was recorded. */
export async function start(name: string, terminal: Terminal): Promise<void> {
  await SandboxClient.ensure({ directory: sandboxDirectory(known(name)), artifacts: artifactsDirectory() });
  sayStillRunning(name, terminal);
}

function known(name: string): string {
  if (!sandboxes().includes(name)) throw new UserError(EXIT.usage, `There is no sandbox "${name}"; there ${sandboxes().length === 0 ? "is none" : `are ${sandboxes().join(", ")}`}.`);
  return name;
}
