import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { describeBuild } from "../src/build-info.mjs";

// usage: node scripts/build.mjs [output folder]; MISSION_VERSION and MISSION_COMMIT say what is built.
// The output depends on the sources, their dependencies and these two only: no times, no paths.
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const output = resolve(process.argv[2] ?? `${root}/build`);
const { version } = JSON.parse(await readFile(`${root}/package.json`, "utf8"));
const info = describeOrExit(process.env.MISSION_VERSION || version, process.env.MISSION_COMMIT);

await rm(output, { recursive: true, force: true });
await mkdir(output, { recursive: true });
await build({
  absWorkingDir: root,
  entryPoints: ["src/server.mjs", "src/migrate.mjs"],
  outdir: output,
  outExtension: { ".js": ".mjs" },
  bundle: true,
  platform: "node",
  target: "node22",
  format: "esm",
  // Without minifying, the bundle would name the folders that packages were found in.
  minify: true,
  keepNames: true,
  external: ["pg-native"],
  // pg is CommonJS and asks for Node's own modules with require.
  banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
  logLevel: "warning",
});
await cp(`${root}/src/pages/assets`, `${output}/assets`, { recursive: true });
await writeFile(`${output}/build-info.json`, `${JSON.stringify(info, null, 2)}\n`);

function describeOrExit(...arguments_) {
  try {
    return describeBuild(...arguments_);
  } catch (error) {
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  }
}
