import { cpSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run, type Finished, type MissionProject } from "./mission-project.js";

/** One resource that a program declares. */
export interface DeclaredResource {
  readonly type: string;
  readonly name: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  /** A leaf of a platform, instead of a component. */
  readonly custom?: boolean;
  /** Name of another one, declared before. */
  readonly parent?: string;
  readonly protect?: boolean;
  readonly ignoreChanges?: readonly string[];
  /** Inputs that take the id of another one, which is unknown in a preview. */
  readonly unknown?: Readonly<Record<string, string>>;
}

const PROGRAM = `
const pulumi = require("@pulumi/pulumi");
const made = {};
for (const { type, name, inputs, custom, parent, protect, ignoreChanges, unknown } of require("./declared.json")) {
  const late = Object.fromEntries(Object.entries(unknown ?? {}).map(([input, from]) => [input, made[from].id]));
  const opts = { parent: made[parent], protect, ignoreChanges };
  made[name] = new (custom ? pulumi.CustomResource : pulumi.ComponentResource)(type, name, { ...inputs, ...late }, opts);
}
`;

/** A Pulumi program that declares just what it is told, with the sandbox's plugin and a state of its own. */
export class DeclaredProgram {
  readonly folder = realpathSync(mkdtempSync(join(tmpdir(), "mission-declared-")));

  constructor(private readonly project: MissionProject) {
    writeFileSync(join(this.folder, "Pulumi.yaml"), `name: declared\nmain: program/\nruntime:\n  name: nodejs\n  options:\n    typescript: false\nplugins:\n  providers:\n    - name: sandbox\n      path: ${join(project.root, "sandbox", "plugin")}\n`);
    symlinkSync(join(project.root, "node_modules"), join(this.folder, "node_modules"));
    for (const name of ["program", "state"]) mkdirSync(join(this.folder, name));
    writeFileSync(join(this.folder, "program", "index.js"), PROGRAM);
    writeFileSync(join(this.folder, "program", "package.json"), JSON.stringify({ name: "declared" }));
  }

  /** What the program declares from now on, in this order. */
  declares(resources: readonly DeclaredResource[]): void {
    writeFileSync(join(this.folder, "program", "declared.json"), JSON.stringify(resources));
  }

  /** Runs the engine, and never rejects for an exit code. */
  pulumi(...args: string[]): Promise<Finished> {
    const own = { PULUMI_BACKEND_URL: `file://${join(this.folder, "state")}`, PULUMI_CONFIG_PASSPHRASE: "test", PULUMI_SKIP_UPDATE_CHECK: "true" };
    return run("pulumi", [...args, "--color", "never"], { cwd: this.folder, env: { ...this.project.environment(), ...own } });
  }

  /** Types of all resources in a stack's state but the stack itself. */
  async recorded(stack: string): Promise<string[]> {
    const { stdout } = await this.pulumi("stack", "export", "--stack", stack);
    const { deployment } = JSON.parse(stdout) as { deployment: { resources?: { type: string; urn: string }[] } };
    return (deployment.resources ?? []).filter(({ type }) => !type.startsWith("pulumi:")).map(({ urn }) => urn.split("::").slice(2).join(" "));
  }

  /** A file beside the program. @returns its path */
  file(name: string, content: unknown): string {
    writeFileSync(join(this.folder, name), JSON.stringify(content));
    return join(this.folder, name);
  }

  /** The policy pack with other files of its own, in a folder of its own. @returns the folder */
  copyOfPack(files: Readonly<Record<string, string>>): string {
    const folder = mkdtempSync(join(this.folder, "pack-"));
    for (const name of ["PulumiPolicy.yaml", "pack.yaml", "package.json"]) cpSync(join(this.project.root, "policies", name), join(folder, name));
    const described = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { main: string };
    writeFileSync(join(folder, "package.json"), JSON.stringify({ ...described, main: join(this.project.root, "policies", described.main) }));
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    return folder;
  }

  /** A pack without policies. @returns its folder */
  emptyPack(): string {
    const main = "empty.js";
    return this.copyOfPack({ "package.json": JSON.stringify({ name: "empty", version: "1.0.0", main }), [main]: 'new (require("@pulumi/policy").PolicyPack)("empty", { policies: [] });\n' });
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}
