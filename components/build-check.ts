import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { refusal } from "./refusal.js";

/**
 * Refuses to run a build that was made from other sources than those beside it: `pulumi up` right after an edit would otherwise
 * silently deploy with the old program.
 * @throws RunError naming the command that builds.
 */
export function refuseStaleBuild(builtDirectory: string): void {
  const root = dirname(builtDirectory);
  const hasher = join(root, "launcher", "source-hash.cjs");
  if (!existsSync(hasher)) return; // Installed without sources: nothing to compare with.
  const { sourceHash } = createRequire(__filename)(hasher) as { sourceHash: (root: string) => string };
  const built = (JSON.parse(readFileSync(join(builtDirectory, "build.json"), "utf8")) as { sources: string }).sources;
  if (built !== sourceHash(root)) {
    throw refusal("The build in dist/ is stale: its sources have changed since. Build it with: npm run build");
  }
}
