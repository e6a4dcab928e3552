import { spawn } from "node:child_process";
import { join } from "node:path";
import type { ObservedService } from "../../../model/rollout.js";
import { otherSlot } from "../../../model/slot.js";
import { EXIT, UserError } from "../../errors.js";
import { projectRoot } from "../../engine/engine-environment.js";
import { openAdapter } from "../../platforms/open-adapter.js";
import { startProber, type Prober } from "../../prober/start-prober.js";
import type { Terminal } from "../terminal.js";

/** Requests a second of the demo's client. */
const RATE = 100;
/** How long each weight is held, in milliseconds. */
const HOLD_MS = 3_000;

/** What a step of the demo says first, and the command it runs. */
interface Step {
  readonly words: string;
  readonly command: readonly string[];
}

const release = (version: string): Step => ({ words: `Release ${version} of the shop is built, stored by its digest, and written into both stacks' configuration.`, command: ["release", "examples/shop", "--version", version] });
const up = (stack: string, words: string): Step => ({ words, command: ["pulumi", "up", "--yes", "--skip-preview", "--suppress-outputs", "--stack", stack] });
const set = (stack: string, weight: number, words: string): Step => ({ words, command: ["rollout", "set", stack, String(weight)] });

/** Deploys the shop to both stacks, shifts traffic to a second release under load, and back; every command is shown as a person would type it. */
export async function demo(terminal: Terminal): Promise<void> {
  const started = Date.now();
  const run = async (step: Step) => {
    terminal.say(`\n${step.words}`);
    await mission(step.command, terminal);
  };

  await run(release("1.0.0"));
  await run(up("staging", "It goes to staging. A first deployment takes all traffic: there is nothing to return to yet."));
  await run(up("production", "And to production: two instances, protected."));
  await run(release("1.1.0"));
  await run(up("staging", "1.1.0 goes dark into staging's free slot: it runs, and gets no traffic."));
  await run(up("production", "The same in production. A bare up never moves traffic."));

  for (const stack of ["staging", "production"]) await shiftThereAndBack(stack, run, terminal);

  terminal.say(`\nThe demo took ${Math.round((Date.now() - started) / 1000)} s. Both stacks serve 1.0.0 again, with 1.1.0 dark beside it. Try it yourself:`);
  for (const line of ["./mission rollout show production", "./mission rollout set production 10", "./mission pulumi preview --stack production", 'eval "$(./mission env staging)" && pulumi up']) terminal.say(`  ${line}`);
  terminal.say("The sandboxes keep running; stop them with: ./mission sandbox stop");
}

async function shiftThereAndBack(stack: string, run: (step: Step) => Promise<void>, terminal: Terminal): Promise<void> {
  const adapter = await openAdapter(stack);
  refuseAnotherStart(stack, (await adapter.describe())["web"]);
  const url = (await adapter.endpoints("web"))?.production;
  if (url === undefined) throw new UserError(EXIT.failed, `Stack "${stack}" has no route for "web".`);
  terminal.say(`\n${stack} is under load from now on: ${RATE} requests a second to ${url}, whatever happens.`);
  const prober = await startProber({ url, rate: RATE, requests: [{ method: "GET", path: "/products" }, { method: "GET", path: "/" }] });
  try {
    for (const weight of [10, 50, 100]) {
      await run(set(stack, weight, `${weight} % of ${stack}'s traffic goes to 1.1.0.`));
      await sayShares(prober, weight, terminal);
    }
    await run(set(stack, 0, "And back: all traffic returns to 1.0.0."));
    await sayShares(prober, 0, terminal);
  } finally {
    const { sent, failed, latencyMs, longestGapMs, byRelease } = await prober.stop();
    terminal.say(`\n${stack}: ${sent} requests sent, ${failed} failed; p95 ${(latencyMs?.p95 ?? Number.NaN).toFixed(1)} ms; longest gap between answers ${(longestGapMs ?? Number.NaN).toFixed(0)} ms; by release: ${inWords(byRelease)}.`);
    if (failed > 0) process.exitCode = EXIT.failed;
  }
}

/** The demo's words are about 1.0.0 live and 1.1.0 dark; a stack that somebody has moved on would make them wrong. */
function refuseAnotherStart(stack: string, web: ObservedService | undefined): void {
  const versions = web?.live == null ? [] : [web.slots[web.live]?.spec.version, web.slots[otherSlot(web.live)]?.spec.version];
  if (web?.live != null && versions[0] === "1.0.0" && versions[1] === "1.1.0" && web.split?.of(web.live) === 100) return;
  throw new UserError(
    EXIT.refused,
    `Stack "${stack}" serves ${versions[0] ?? "nothing"} with ${versions[1] ?? "nothing"} beside it; the demo starts from 1.0.0 live at 100 % and 1.1.0 dark. Bring it there (./mission rollout show ${stack}), or give the demo a home of its own: MISSION_HOME=$(mktemp -d) ./mission demo`,
  );
}

/** Measures, over requests sent while a weight is held, who answered. */
async function sayShares(prober: Prober, weight: number, terminal: Terminal): Promise<void> {
  const before = await prober.snapshot();
  await new Promise((resolve) => setTimeout(resolve, HOLD_MS));
  const after = await prober.snapshot();
  const answered = Object.fromEntries(Object.entries(after.byRelease).map(([version, { requests }]) => [version, requests - (before.byRelease[version]?.requests ?? 0)]));
  const all = Object.values(answered).reduce((sum, count) => sum + count, 0);
  const candidate = answered["1.1.0"] ?? 0;
  terminal.say(`Measured: ${candidate} of ${all} requests (${((100 * candidate) / Math.max(all, 1)).toFixed(1)} %) were answered by 1.1.0; the weight is ${weight}. Failed so far: ${after.failed}.`);
}

function inWords(counts: Readonly<Record<string, { readonly requests: number }>>): string {
  return Object.entries(counts).map(([name, { requests }]) => `${name} ${requests}`).join(", ");
}

/** Runs one of our own commands as a person would, and shows it. */
async function mission(args: readonly string[], terminal: Terminal): Promise<void> {
  terminal.say(`$ ./mission ${args.join(" ")}`);
  const code = await new Promise<number>((resolve, reject) => {
    const child = spawn(process.execPath, [join(projectRoot(), "dist", "runner", "cli", "main.js"), ...args], { cwd: projectRoot(), stdio: ["ignore", "inherit", "inherit"] });
    child.on("error", reject);
    child.on("close", (status) => resolve(status ?? 130));
  });
  if (code !== 0) throw new UserError(code === EXIT.interrupted ? EXIT.interrupted : EXIT.failed, `"./mission ${args.join(" ")}" ended with code ${code}; the demo stops here.`);
}
