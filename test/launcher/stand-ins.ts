/** Copies each source to its place in the output, as the compiler would; a source that says COMPILE ERROR is one. */
const TSC = `
const { appendFileSync, cpSync, existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } = require("node:fs");
const { dirname, join } = require("node:path");
const args = process.argv.slice(2);
const root = dirname(args[args.indexOf("-p") + 1]);
const out = args[args.indexOf("--outDir") + 1];
appendFileSync(process.env.CALLS, "tsc\\n");
while (existsSync(process.env.HOLD)) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
const files = (path) => statSync(path).isDirectory() ? readdirSync(path).flatMap((name) => files(join(path, name))) : [path];
for (const source of ["index.ts", "model", "runner", "test", "bench"].map((name) => join(root, name)).filter(existsSync).flatMap(files)) {
  const text = readFileSync(source, "utf8");
  if (text.includes("COMPILE ERROR")) { console.log(source.slice(root.length + 1) + "(1,1): error TS1: no good"); process.exit(2); }
  const target = join(out, source.slice(root.length).replace(/\\.ts$/, ".js"));
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, text);
}
writeFileSync(join(out, "tsconfig.tsbuildinfo"), "{}");
`;

/**
 * `ci` installs the compiler above and the Node of the lock file; NPM_CI=fail makes it fail, NPM_CI=slow makes it wait for HOLD
 * to go, NPM_EXEC=works makes the engine's download succeed.
 */
const NPM = (node: string): string => `#!/bin/sh
printf 'npm %s\\n' "$*" >>"$CALLS"
case $1 in
  --version) echo 11.0.0 ;;
  config) echo "$HOME/.npmrc" ;;
  test) sh launcher/test.sh || { echo "npm error Lifecycle script 'test' failed"; exit 1; } ;;
  ci)
    rm -rf node_modules
    if [ "\${NPM_CI:-}" = fail ]; then echo "npm error the registry is out of reach"; exit 1; fi
    while [ "\${NPM_CI:-}" = slow ] && [ -e "$HOLD" ]; do sleep 0.05; done
    mkdir -p node_modules/typescript/bin node_modules/node/bin
    ln -s '${node}' node_modules/node/bin/node
    cat >node_modules/typescript/bin/tsc <<'TSC'
${TSC}
TSC
    ;;
  exec)
    [ "\${NPM_EXEC:-}" = works ] || exit 1
    mkdir -p "$HOME/.pulumi/versions/3.265.0/bin"
    for name in pulumi pulumi-language-nodejs; do
      printf '#!/bin/sh\\necho v3.265.0\\n' >"$HOME/.pulumi/versions/3.265.0/bin/$name"
      chmod 755 "$HOME/.pulumi/versions/3.265.0/bin/$name"
    done ;;
esac
`;

/** The real Node, except that NODE_SAYS is its version and that no test asks the network: REACH=yes is an open one. */
const NODE = (node: string): string => `#!/bin/sh
if [ "$*" = --version ] && [ -n "\${NODE_SAYS:-}" ]; then echo "$NODE_SAYS"; exit 0; fi
case $* in *reach.mjs*) echo reach >>"$CALLS"; [ "\${REACH:-}" = yes ]; exit ;; esac
exec '${node}' "$@"
`;

/** Builds programs that print their version; GO=fail makes it fail. */
const GO = `#!/bin/sh
sdk=\${CALLS%calls}sdk
case $1 in
  env) echo go1.99 ;;
  list) mkdir -p "$sdk/nodejs/dist"; for name in pulumi-analyzer-policy pulumi-resource-pulumi-nodejs; do echo >"$sdk/nodejs/dist/$name"; done; printf '%s\\n' "$sdk" ;;
  build)
    for argument in "$@"; do last=$argument; done
    printf 'go build %s\\n' "\${last##*/}" >>"$CALLS"
    while [ -e "$HOLD" ]; do sleep 0.05; done
    if [ "\${GO:-}" = fail ]; then echo "no module proxy"; exit 1; fi
    while [ "$1" != -o ]; do shift; done
    printf '#!/bin/sh\\necho v3.220.0\\n' >"$2"; chmod 755 "$2" ;;
esac
`;

/** The programs that a checkout under test finds first on PATH, by name; `node` is the real one. */
export function standIns(node: string): Record<string, string> {
  return { node: NODE(node), npm: NPM(node), go: GO };
}

/** A `pulumi` of this version that notes that it was asked for it. */
export function pulumi(version: string): string {
  return `#!/bin/sh\necho "pulumi $1" >>"$CALLS"\necho ${version}\n`;
}
