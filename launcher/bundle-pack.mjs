// Makes one file of the policy pack, dist/policies/pack.cjs: the engine starts a pack anew for every preview and every update, and one file
// loads in a fraction of the time of the hundreds that it consists of. The SDK of Pulumi stays outside: the engine's own runner loads it anyway.

import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

/**
 * Bundles what was compiled into `out`; true when that worked, or when there is no pack.
 * @param {string} root the checkout
 * @param {string} out the folder of the build
 */
export async function bundlePack(root, out) {
  const entry = join(out, "policies", "index.js");
  if (!existsSync(entry)) return true;
  try {
    const esbuild = createRequire(join(root, "package.json"))("esbuild");
    const external = ["@pulumi/*"];
    await esbuild.build({ entryPoints: [entry], outfile: join(out, "policies", "pack.cjs"), bundle: true, platform: "node", target: "node22", format: "cjs", external, legalComments: "none", logLevel: "warning" });
    return true;
  } catch (error) {
    console.error(`mission: the policy pack cannot be bundled: ${error.message}`);
    return false;
  }
}
