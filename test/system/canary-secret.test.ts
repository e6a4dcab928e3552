import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { formsOf } from "../../runner/engine/search-state.js";
import { FULL, itFull } from "../support/it-full.js";
import { missionApp, setInStack } from "../support/mission-app.js";
import { MissionProject, type Finished } from "../support/mission-project.js";
import { allProcesses } from "../support/process-table.js";

/** A secret that every kind of writing changes: quotes, a backslash, what URLs escape, what base64 has two alphabets for, and a letter of two bytes. */
const CANARY = `c"an\\ary/+&=? é~${randomUUID()}>>>`;

/** How it can stand in a text, and within anything that is written as base64, wherever it begins there. */
const FORMS = [...formsOf(CANARY), ...[0, 1, 2].map(withinBase64)];

/** Some thirty commands, three missions among them; every `npm test` looks for the shop's secret in `system/shop`. */
describe("a canary secret", function () {
  this.timeout(300_000);
  const project = MissionProject.create();
  const codebase = missionApp("canary");
  const stacks = ["canary-staging", "canary-production"] as const;
  /** Everything that any command printed, by command. */
  const said: (readonly [string, string])[] = [];
  /** Command lines of every process seen while commands ran. */
  const commands = new Set<string>();
  let look: NodeJS.Timeout;

  const ran = async (name: string, finished: Promise<Finished>, code: number): Promise<Finished> => {
    const done = await finished;
    said.push([name, done.all]);
    assert.equal(done.code, code, `${name} ended with ${done.code}:\n${done.all}`);
    return done;
  };
  const mission = (code: number, ...args: string[]) => ran(args.join(" "), project.mission(...args), code);

  before(async () => {
    if (!FULL) return;
    for (const [file, edit] of [
      ["mission.yaml", (text: string) => `${text.replace("    readiness:", "    secrets: [TOKEN]\n    readiness:")}    - { name: by-command, command: [node, look.cjs] }\n`],
      // It proves that it was given the secret; the third version answers with it, which is its own mistake, and no check may repeat that.
      ["server.template", (text: string) => text.replace("greeting: process.env.GREETING ?? null", 'greeting: VERSION === "1.2.0" ? process.env.TOKEN : process.env.GREETING, length: (process.env.TOKEN ?? "").length')],
    ] as const) {
      const path = join(codebase, file);
      writeFileSync(path, edit(readFileSync(path, "utf8")));
    }
    writeFileSync(join(codebase, "look.cjs"), 'fetch(process.env.MISSION_URL).then((answer) => answer.text()).then((text) => { console.log(text); console.log(JSON.parse(text).greeting); process.exit(text.includes("hello") ? 0 : 1); });');
    look = setInterval(() => {
      for (const { command } of allProcesses()) commands.add(command);
    }, 50);
    await mission(0, "release", codebase, "--version", "1.0.0", ...stacks.flatMap((stack) => ["--stack", stack]));
    for (const stack of stacks) {
      setInStack(project, stack, { bake: "1s", monitor: "1s", probeRate: 50, drain: "1s", limits: { latencyP95Slack: "10s" } });
      await setSecret(project, stack, CANARY);
    }
  });

  after(async () => {
    clearInterval(look);
    await project.remove();
    rmSync(codebase, { recursive: true, force: true });
  });

  itFull("reaches the application through two missions, of which the second goes back because the candidate shows it", async () => {
    await mission(0, "deploy", codebase, "--version", "1.0.0");
    const { services } = await project.sandbox(stacks[1]);
    const answer = (await (await fetch(services["web"]?.endpoints?.production ?? "")).json()) as { length: number };
    assert.equal(answer.length, CANARY.length);
    await mission(0, "deploy", codebase, "--version", "1.1.0", "--notes", join(codebase, "package.json"));
    const { all } = await mission(5, "deploy", codebase, "--version", "1.2.0");
    assert.match(all, /"home": FAIL, \d+ ms; GET \/: \$\.greeting is another text/);
    assert.match(all, /"by-command" printed: \{.*"greeting":"\[secret\]".*\n\s+"by-command" printed: \[secret\]\n/);
  });

  itFull("is in nothing that the other commands print", async () => {
    const id = readdirSync(join(project.home, "store", "missions")).sort()[0] ?? "";
    for (const stack of stacks) {
      await mission(0, "rollout", "show", stack, "--json");
      await mission(0, "evidence", "list", stack);
      await mission(0, "env", stack);
      await mission(0, "pulumi", "config", "--stack", stack);
      await mission(0, "pulumi", "preview", "--stack", stack, "--json");
      await mission(0, "pulumi", "up", "--yes", "--diff", "--verbose=3", "--logtostderr", "--stack", stack);
      await mission(0, "pulumi", "stack", "export", "--stack", stack);
      await mission(0, "pulumi", "stack", "output", "--json", "--stack", stack);
      await mission(0, "pulumi", "stack", "history", "--json", "--stack", stack);
    }
    await mission(0, "status", "--json");
    await mission(0, "history", "--json");
    await mission(0, "verify", id);
    await mission(0, "plan", codebase, "--version", "1.3.0", "--json");
    await mission(0, "preview", codebase, "--version", "1.3.0");
    await mission(0, "preview", codebase, "--version", "1.3.0", "--model-only");
    await mission(0, "sandbox", "status", "--json");
    await mission(0, "keys", "show");
    await mission(0, "freeze", stacks[1], "--reason", "audit");
    await mission(5, "deploy", codebase, "--version", "1.3.0");
    await mission(0, "unfreeze", stacks[1], "--reason", "over");
    await mission(0, "rollback", stacks[1]);
    await mission(0, "release-hold", stacks[1], "--reason", "over");
    // A value that cannot be used is not told either.
    await setSecret(project, stacks[0], `${CANARY}\n\u0000`);
    said.push(["up with a secret that no variable can hold", (await project.up(stacks[0])).all]);
    await setSecret(project, stacks[0], CANARY);
    assert.deepEqual(said.filter(([, text]) => holds(text)).map(([name]) => name), []);
  });

  itFull("is in no argument of a process, and in no file of the missions, the platform, the engine and the artifacts", () => {
    assert.ok([...commands].some((command) => command.includes("pulumi-language-nodejs")), "the engine was watched at work");
    assert.deepEqual([...commands].filter(holds), []);
    const files = filesBelow(project.home);
    assert.ok(["journal.jsonl", "report.md", "report.json", "plan.md", "post-mortem.md"].every((name) => files.some((file) => file.endsWith(name))) && files.some((file) => file.includes("state")), files.join("\n"));
    assert.deepEqual(files.filter((file) => holds(readFileSync(file, "latin1")) || holds(readFileSync(file, "utf8"))), []);
    return Promise.resolve();
  });
});

function holds(text: string): boolean {
  return FORMS.some((form) => text.includes(form));
}

/** What stays the same of it in base64 when it begins at this byte of a group of three. */
function withinBase64(offset: number): string {
  const bytes = Buffer.from(CANARY);
  const whole = bytes.subarray((3 - offset) % 3, bytes.length - ((bytes.length - ((3 - offset) % 3)) % 3));
  return whole.toString("base64");
}

/** By standard input, so that it is in no argument. */
function setSecret(project: MissionProject, stack: string, value: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(project.root, "dist", "runner", "cli", "main.js"), "pulumi", "config", "set", "--secret", "secrets:TOKEN", "--stack", stack], { cwd: project.root, env: project.environment(), stdio: ["pipe", "inherit", "inherit"] });
    child.stdin.end(value);
    child.on("error", reject);
    child.on("exit", (code) => (code === 0 ? resolve() : reject(new Error(`Setting the secret ended with ${code}.`))));
  });
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => join(folder, name))
    .filter((file) => statSync(file, { throwIfNoEntry: false })?.isFile() === true);
}
