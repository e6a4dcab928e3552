import { SandboxClient, readOffline } from "../client.js";
import { artifactsDirectory, sandboxDirectory } from "../home.js";
import type { SandboxState } from "../protocol.js";

/** A sandbox that runs; it is made and started when needed. */
export function running(sandbox: string): Promise<SandboxClient> {
  return SandboxClient.ensure({ directory: sandboxDirectory(sandbox), artifacts: artifactsDirectory() });
}

/** What a sandbox says, or has recorded when it does not run; undefined when there is none. Starts nothing. */
export async function peek(sandbox: string): Promise<SandboxState | undefined> {
  const directory = sandboxDirectory(sandbox);
  const recorded = await readOffline(directory);
  if (recorded === undefined) return undefined;
  try {
    return await (await SandboxClient.connect(directory)).state();
  } catch {
    return recorded;
  }
}
