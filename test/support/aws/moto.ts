import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { projectRoot } from "../../../runner/engine/engine-environment.js";

/** Versions of what is installed: moto's server, and the service models that it and the tests of inputs read. */
const MOTO = "5.2.5";
const BOTOCORE = "1.44.8";
/** Version of the provider's plugin that the program asks for, as in package.json. */
const PLUGIN = "7.48.0";

const environment = () => join(projectRoot(), "node_modules", ".cache", "mission-deploy", `moto-${MOTO}-botocore-${BOTOCORE}`);
const python = (folder = environment()) => join(folder, "bin", "python");

/** Why there is no emulator of AWS here, as a sentence; undefined when there is one. Installs it once, into a virtual environment of the tests. */
export async function motoMissing(): Promise<string | undefined> {
  if (existsSync(python())) return undefined;
  mkdirSync(dirname(environment()), { recursive: true });
  const beside = mkdtempSync(`${environment()}-`);
  try {
    await promisify(execFile)("python3", ["-m", "venv", beside]);
    await promisify(execFile)(python(beside), ["-m", "pip", "install", "--quiet", `moto[server]==${MOTO}`, `botocore==${BOTOCORE}`]);
    renameSync(beside, environment());
    return undefined;
  } catch (error) {
    rmSync(beside, { recursive: true, force: true });
    if (existsSync(python())) return undefined;
    return `moto's server cannot be installed here (${String((error as Error).message).trim().split("\n").at(-1) ?? ""}); with Python 3 and a network: pip install 'moto[server]==${MOTO}'`;
  }
}

/** The interpreter of that virtual environment, which has botocore, too. */
export function motoPython(): string {
  return python();
}

/** Why the engine cannot speak to AWS here, as a sentence; undefined when it can. Nothing is downloaded. */
export function pluginMissing(): string | undefined {
  const folder = join(process.env["PULUMI_HOME"] ?? join(homedir(), ".pulumi"), "plugins", `resource-aws-v${PLUGIN}`);
  return existsSync(folder) ? undefined : `the engine's plugin for AWS is not here; it comes by: pulumi plugin install resource aws ${PLUGIN}`;
}

/** An emulator of AWS that listens on this machine only. */
export interface Moto {
  readonly endpoint: string;
  stop(): Promise<void>;
}

/** Starts it with an empty account, on a port that the system gives. */
export async function startMoto(): Promise<Moto> {
  // By default a certificate takes it a minute to validate.
  const child = spawn(python(), ["-m", "moto.server", "-H", "127.0.0.1", "-p", "0"], { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, MOTO_ACM_VALIDATION_WAIT: "1", PYTHONUNBUFFERED: "1" } });
  const lines: string[] = [];
  const endpoint = await new Promise<string>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on("line", (line) => {
        lines.push(line);
        const [, url] = /Running on (http:\/\/127\.0\.0\.1:\d+)/.exec(line) ?? [];
        if (url !== undefined) resolve(url);
        if (lines.length > 200) lines.shift();
      });
    }
    child.on("error", reject);
    child.on("exit", (code) => reject(new Error(`moto's server ended with ${code}: ${lines.join("\n")}`)));
  });
  return {
    endpoint,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill("SIGKILL");
      await once(child, "exit");
    },
  };
}
