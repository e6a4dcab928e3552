import { spawn } from "node:child_process";
import { join } from "node:path";
import { EXIT, UserError } from "../../errors.js";
import { projectRoot } from "../../engine/engine-environment.js";
import { openAdapter } from "../../platforms/open-adapter.js";
import type { Terminal } from "../terminal.js";

/** What a step of the demo says first, the command it runs, and the codes it is to end with. */
interface Step {
  readonly words: string;
  readonly command: readonly string[];
  readonly ends: readonly number[];
}

const deploy = (version: string, words: string, ends: readonly number[] = [EXIT.ok]): Step => ({ words, command: ["deploy", "examples/shop", "--version", version], ends });
const actOnlyInProduction = (stack: string): Step => ({ words: "", command: ["pulumi", "config", "set", "--path", "mission:variables.FAULT_ENVIRONMENT", "production", "--stack", stack], ends: [EXIT.ok] });

/** Takes the shop through two good missions and a bad one that is rolled back; every command is shown as a person would type it. */
export async function demo(terminal: Terminal): Promise<void> {
  const started = Date.now();
  await refuseAnotherStart();
  for (const step of [
    deploy("1.0.0", "1. A first release: there is nothing to shift from and nothing to return to, so it is checked, deployed and watched."),
    deploy("1.1.0", "2. The next release: to staging with a rollback drill, then dark into production's free slot, then 10, 50 and 100 % of the traffic, each step judged by what users see."),
    { ...actOnlyInProduction("staging"), words: "3. A bad release, of the worst kind: every check passes, staging is fine, and it is slow for the users of production. The shop has such versions; this setting makes the fault act in production only." },
    actOnlyInProduction("production"),
    deploy("1.2.0-bad-latency", "   Nobody has to be at the keyboard when the numbers turn bad:", [EXIT.failed]),
  ]) {
    if (step.words !== "") terminal.say(`\n${step.words}`);
    await mission(step, terminal);
  }
  terminal.say(`\nThe demo took ${Math.round((Date.now() - started) / 1000)} s. Production serves 1.1.0; 1.2.0-bad-latency is held back. See for yourself:`);
  for (const line of ["./mission history", "./mission status", "./mission rollout show production", "./mission release-hold production --reason 'the demo is over'", 'eval "$(./mission env staging)" && pulumi preview']) terminal.say(`  ${line}`);
  terminal.say("The sandboxes keep running; stop them with: ./mission sandbox stop");
}

/** The demo's words are about first releases; stacks that serve something already would make them wrong. */
async function refuseAnotherStart(): Promise<void> {
  for (const stack of ["staging", "production"]) {
    const serves = Object.values(await (await openAdapter(stack)).describe()).flatMap(({ live, slots }) => (live === null ? [] : [slots[live]?.spec.version ?? "something"]));
    if (serves.length > 0) {
      throw new UserError(EXIT.refused, `Stack "${stack}" serves ${serves.join(", ")} already; the demo begins with nothing deployed. Give it a home of its own: MISSION_HOME=$(mktemp -d) ./mission demo`);
    }
  }
}

/** Runs one of our own commands as a person would, and shows it. */
async function mission({ command, ends }: Step, terminal: Terminal): Promise<void> {
  terminal.say(`$ ./mission ${command.join(" ")}`);
  const code = await new Promise<number>((resolve, reject) => {
    const child = spawn(process.execPath, [join(projectRoot(), "dist", "runner", "cli", "main.js"), ...command], { cwd: projectRoot(), stdio: ["ignore", "inherit", "inherit"] });
    child.on("error", reject);
    child.on("close", (status) => resolve(status ?? EXIT.interrupted));
  });
  if (ends.includes(code)) return;
  throw new UserError(code === EXIT.interrupted ? EXIT.interrupted : EXIT.failed, `"./mission ${command.join(" ")}" ended with code ${code}, where the demo needs ${ends.join(" or ")}; it stops here.`);
}
