// Builds the program into dist/.
//
//   node launcher/build.mjs              builds (only what changed is compiled again)
//   node launcher/build.mjs --if-stale   builds when dist/ was built from other sources
//   node launcher/build.mjs --check      builds nothing; exit code 1 when dist/ is stale
//
// A build goes to a folder beside dist/ and takes its place when it is complete, so an interrupted or failed one leaves
// dist/ as it was. Exit codes: 0, 1 stale (--check), 2 usage, 3 no compiler installed, 4 compile errors, 130 interrupted.
// Runs on any Node that npm runs on: it is the `prepare` script, before the Node from the lock file is known to be there.

import { spawn } from "node:child_process";
import { copyFileSync, cpSync, existsSync, mkdirSync, readdirSync, realpathSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { bundlePack } from "./bundle-pack.mjs";
import hashing from "./source-hash.cjs";

const { builtHash, compiled, filesBelow, sourceHash } = hashing;

/** SHA-256 over what the program in `root` is built from; see source-hash.cjs. */
export const hashSources = sourceHash;

const INFO = "tsconfig.tsbuildinfo";

/** True when no process has this number; one of another user counts as running. */
function isGone(pid) {
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return error.code === "ESRCH";
  }
}

/** Clears up behind builds that were killed; one killed in the middle of the swap gets its old dist/ back. */
function sweep(root) {
  for (const name of readdirSync(root)) {
    const [, kind, pid] = /^dist\.(new|old)-(\d+)$/.exec(name) ?? [];
    if (kind === undefined || !isGone(Number(pid))) continue;
    if (kind === "old" && !existsSync(join(root, "dist"))) renameSync(join(root, name), join(root, "dist"));
    else rmSync(join(root, name), { recursive: true, force: true });
  }
}

/** Runs the compiler; resolves to its exit code. Its messages go to stderr: stdout is for data. */
function compile(root, out, onChild) {
  const compiler = join(root, "node_modules", "typescript", "bin", "tsc");
  const flags = ["--outDir", out, "--incremental", "--tsBuildInfoFile", join(out, INFO), "--noEmitOnError"];
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [compiler, "-p", join(root, "tsconfig.json"), ...flags], {
      cwd: root,
      stdio: ["ignore", process.stderr, process.stderr],
    });
    onChild(child);
    child.on("error", reject).on("exit", (code) => resolve(code ?? 1));
  });
}

/** Removes what an earlier build emitted for sources that are gone; false when a source has no output. */
function tidy(root, out) {
  for (const path of filesBelow(out, ".")) {
    const source = path.replace(/\.js(\.map)?$/, ".ts");
    if (source !== path && !existsSync(join(root, source))) rmSync(join(out, path));
  }
  return compiled(root)
    .flatMap((source) => filesBelow(root, source))
    .filter((path) => path.endsWith(".ts") && !path.endsWith(".d.ts"))
    .every((path) => existsSync(join(out, path.replace(/\.ts$/, ".js"))));
}

/** Puts the finished build in the place of dist/, also when another build does the same now. */
function swap(root, fresh) {
  const dist = join(root, "dist");
  const old = join(root, `dist.old-${process.pid}`);
  for (;;) {
    try {
      renameSync(dist, old);
    } catch (error) {
      if (error.code !== "ENOENT") throw error;
    }
    try {
      renameSync(fresh, dist);
      break;
    } catch (error) {
      if (error.code !== "ENOTEMPTY" && error.code !== "EEXIST") throw error;
    } finally {
      if (existsSync(dist)) rmSync(old, { recursive: true, force: true });
    }
  }
}

/**
 * Builds `root` and returns the exit code. What is compiled already is taken from the present dist/.
 * @param {string} root the checkout
 */
async function build(root) {
  if (!existsSync(join(root, "node_modules", "typescript", "bin", "tsc"))) {
    console.error(`mission: no compiler in '${root}/node_modules': run ./mission, which installs the dependencies`);
    return 3;
  }
  sweep(root);
  const fresh = join(root, `dist.new-${process.pid}`);
  let compiler;
  const clear = () => rmSync(fresh, { recursive: true, force: true });
  const start = (earlier) => {
    clear();
    if (earlier) cpSync(join(root, "dist"), fresh, { recursive: true, preserveTimestamps: true });
    mkdirSync(fresh, { recursive: true });
    writeFileSync(join(fresh, ".gitignore"), "*\n");
    rmSync(join(fresh, "build.json"), { force: true });
    return compile(root, fresh, (child) => (compiler = child));
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    process.once(signal, () => {
      compiler?.kill("SIGKILL");
      clear();
      process.exit(130);
    });
  }
  try {
    // Taken before compiling: a source that changes meanwhile leaves a build that counts as stale.
    const sources = sourceHash(root);
    let code = await start(existsSync(join(root, "dist", INFO)));
    if (code === 0 && !tidy(root, fresh)) code = (await start(false)) || (tidy(root, fresh) ? 0 : 1);
    if (code === 0 && !(await bundlePack(root, fresh))) code = 1;
    if (code !== 0) {
      console.error("mission: the program does not compile; the last good build, if there is one, was left in dist/");
      return 4;
    }
    writeFileSync(join(fresh, "build.json"), `${JSON.stringify({ sources })}\n`);
    swap(root, fresh);
    return 0;
  } finally {
    clear();
  }
}

/** As npm's `prepare` script: note which lock file node_modules was installed from, so that ./mission need not install again. */
function stampInstall(root) {
  // npm says so when it leaves out what the build and the tests need.
  if (process.env.NODE_ENV === "production") return;
  copyFileSync(join(root, "package-lock.json"), join(root, "node_modules", ".mission-package-lock.json"));
}

async function main(root, args) {
  const mode = args[0] ?? "always";
  if (args.length > 1 || !["always", "--if-stale", "--check"].includes(mode)) {
    console.error(`mission: build.mjs does not know '${args.join(" ")}'; allowed: --if-stale, --check`);
    return 2;
  }
  const stale = mode === "always" || sourceHash(root) !== builtHash(root);
  if (mode === "--check" || !stale) return stale ? 1 : 0;
  const preparing = process.env.npm_lifecycle_event === "prepare";
  // The launcher installs first and then builds, each with its own progress and its own exit code.
  if (preparing && process.env.MISSION_SETUP === "1") return 0;
  const code = await build(root);
  if (preparing && code === 0) stampInstall(root);
  return code;
}

const self = fileURLToPath(import.meta.url);
if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === self) {
  process.exitCode = await main(dirname(dirname(self)), process.argv.slice(2));
}
