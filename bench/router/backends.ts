import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { onClean } from "../../test/sandbox/router/harness.js";

/** Starts one backend process per name and resolves with their ports; the harness's `clean` ends them. */
export function startBackends(...names: string[]): Promise<number[]> {
  return Promise.all(
    names.map(async (name) => {
      const child = fork(join(__dirname, "backend.js"), [name]);
      onClean(() => void child.kill());
      const [port] = (await once(child, "message")) as [number];
      return port;
    }),
  );
}
