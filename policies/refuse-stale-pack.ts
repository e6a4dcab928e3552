import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/**
 * Refuses to judge by a build that was made from other sources than those beside it: who has just made a rule stricter must not be told that everything is fine by the
 * one before.
 * @param built folder of the pack in the build
 * @throws Error naming the command that builds
 */
export function refuseStalePack(built: string): void {
  const dist = dirname(built);
  const root = dirname(dist);
  const hasher = join(root, "launcher", "source-hash.cjs");
  if (!existsSync(hasher)) return; // Installed without sources: nothing to compare with.
  const { sourceHash } = createRequire(join(built, "pack.cjs"))(hasher) as { sourceHash: (root: string) => string };
  const { sources } = JSON.parse(readFileSync(join(dist, "build.json"), "utf8")) as { sources: string };
  if (sources !== sourceHash(root)) throw new Error("The build of the policy pack in dist/ is stale: its sources have changed since. Build it with: npm run build");
}
