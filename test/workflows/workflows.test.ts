import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { parseDocument } from "yaml";
import { z } from "zod";
import { commandLine } from "../../runner/cli/main.js";
import { projectRoot } from "../../runner/engine/engine-environment.js";

const FOLDER = join(projectRoot(), ".github", "workflows");
const stepSchema = z.object({ name: z.string().optional(), uses: z.string().optional(), run: z.string().optional(), with: z.record(z.string(), z.unknown()).optional(), env: z.record(z.string(), z.string()).optional(), if: z.string().optional() }).strict();
const permissionsSchema = z.record(z.string(), z.enum(["read", "write", "none"]));
const jobSchema = z
  .object({ if: z.string().optional(), needs: z.string().optional(), environment: z.string().optional(), "runs-on": z.string(), "timeout-minutes": z.int(), permissions: permissionsSchema, steps: z.array(stepSchema).min(1) })
  .strict();
const workflowSchema = z
  .object({ name: z.string(), on: z.record(z.string(), z.unknown()), concurrency: z.object({ group: z.string(), "cancel-in-progress": z.boolean() }), permissions: permissionsSchema, env: z.record(z.string(), z.string()).optional(), jobs: z.record(z.string(), jobSchema) })
  .strict();

const text = (file: string) => readFileSync(join(FOLDER, file), "utf8");
const workflow = (file: string) => {
  const document = parseDocument(text(file), { strict: true, uniqueKeys: true });
  assert.deepEqual([...document.errors, ...document.warnings], []);
  return workflowSchema.parse(document.toJS());
};
const steps = (file: string) => Object.values(workflow(file).jobs).flatMap((job) => job.steps);

/** Why a shell command that begins with ./mission cannot work; null when it can. */
function mistakeIn(line: string): string | null {
  const [, ...words] = line.replace(/\s*>>?\s*\S+$/, "").match(/"[^"]*"|'[^']*'|\S+/g) ?? [];
  const name = words[0] ?? "";
  // The launcher has these itself.
  if (name === "setup" || name === "doctor") return words.length === 1 ? null : `"./mission ${name}" takes nothing`;
  const command = commandLine().commands.find((each) => each.name() === name);
  if (command === undefined) return `there is no command "${name}"`;
  const wrong = words.slice(1).filter((word) => word.startsWith("-") && !command.options.some(({ long, short }) => long === word.replace(/=.*$/, "") || short === word));
  if (wrong.length > 0) return `"${name}" has no option ${wrong.join(", ")}`;
  const values = words.slice(1).filter((word) => !word.startsWith("-")).length;
  const required = command.registeredArguments.filter((argument) => argument.required).length;
  const allowed = command.registeredArguments.length + command.options.filter((option) => option.required || option.optional).length;
  return values < required || values > allowed ? `"${name}" takes other arguments` : null;
}

const commandsIn = (script: string): string[] => script.split("\n").flatMap((line) => (/^\s*\.\/mission\b/.test(line) ? [line.trim()] : []));

describe("the workflows", () => {
  const files = readdirSync(FOLDER).filter((file) => /\.ya?ml$/.test(file)).sort();

  it("are those of a pull request and of a merge", () => assert.deepEqual(files, ["deploy.yml", "preview.yml"]));

  for (const file of files) {
    it(`${file} has minimal permissions, limits of time, and jobs that keep no credentials in the checkout`, () => {
      const { permissions, jobs } = workflow(file);
      assert.deepEqual(permissions, {});
      for (const job of Object.values(jobs)) {
        assert.ok(job["timeout-minutes"] <= 360);
        for (const { uses, with: given } of job.steps) if (uses?.startsWith("actions/checkout@") === true) assert.equal(given?.["persist-credentials"], false);
      }
    });

    it(`${file} names actions by their full version and says to pin them by digest`, () => {
      const uses = steps(file).flatMap((step) => (step.uses === undefined ? [] : [step.uses]));
      assert.ok(uses.length > 0);
      for (const each of uses) assert.match(each, /^actions\/[a-z-]+@(v\d+\.\d+\.\d+|[0-9a-f]{40})$/);
      assert.match(text(file), /pin them by digest/);
    });

    it(`${file} runs commands that exist, with options that exist`, () => {
      const commands = steps(file).flatMap(({ run }) => commandsIn(run ?? ""));
      assert.ok(commands.length >= 2, "A workflow without a command of ours would pass for nothing.");
      assert.deepEqual(commands.flatMap((command) => mistakeIn(command) ?? []), []);
      // What a comment tells people to type exists as well.
      const told = text(file).split("\n").flatMap((line) => /^\s*#\s+(\.\/mission \w[\w-]*(?: --?[\w-]+)*)/.exec(line)?.[1] ?? []);
      assert.deepEqual(told.flatMap((command) => mistakeIn(command) ?? []), []);
    });

    it(`${file} never puts what a stranger chooses into a shell, and never runs a stranger's code with credentials`, () => {
      assert.doesNotMatch(text(file), /^\s*pull_request_target\b/m);
      assert.deepEqual(Object.keys(workflow(file).on).filter((event) => ["pull_request_target", "workflow_run", "issue_comment"].includes(event)), []);
      for (const { run } of steps(file)) assert.doesNotMatch(run ?? "", /\$\{\{/);
    });
  }

  it("preview.yml gives a fork's job nothing but reading, and no job a newer commit has made useless goes on", () => {
    const { on, concurrency, jobs } = workflow("preview.yml");
    assert.deepEqual(Object.keys(on), ["pull_request"]);
    assert.deepEqual(concurrency, { group: "preview-${{ github.event.pull_request.number }}", "cancel-in-progress": true });
    const { preview, "preview-of-a-fork": fork } = jobs;
    assert.deepEqual([preview?.permissions, fork?.permissions], [{ contents: "read", "pull-requests": "write" }, { contents: "read" }]);
    assert.deepEqual([preview?.if, fork?.if], ["github.event.pull_request.head.repo.full_name == github.repository", "github.event.pull_request.head.repo.full_name != github.repository"]);
    assert.doesNotMatch(JSON.stringify(fork), /secrets\.|github\.token|GITHUB_TOKEN/);
    assert.match(JSON.stringify(fork), /--model-only/);
    assert.match(JSON.stringify(preview), /preview \\"\$CODEBASE\\" --comment/);
  });

  it("deploy.yml deploys what is on main behind both environments, one at a time, never cancelled, and keeps the report", () => {
    const { on, concurrency, jobs } = workflow("deploy.yml");
    assert.deepEqual(on, { push: { branches: ["main"] } });
    assert.equal(concurrency["cancel-in-progress"], false);
    assert.deepEqual(Object.values(jobs).map(({ environment }) => environment), ["staging", "production"]);
    const { deploy } = jobs;
    assert.deepEqual([deploy?.needs, deploy?.permissions], ["staging-may-begin", { contents: "read", "id-token": "write" }]);
    const report = deploy?.steps.find(({ uses }) => uses?.startsWith("actions/upload-artifact@") === true);
    assert.equal(report?.if, "always()");
    // The mission's folder is hidden, and hidden files are left out unless that is said.
    assert.equal(report?.with?.["include-hidden-files"], true);
    assert.doesNotMatch(String(report?.with?.["path"]), /keys|passphrase|config|evidence/);
    assert.match(text("deploy.yml"), /\.\/mission resume/);
  });

  it("would be refused with a command or an option that does not exist", () => {
    assert.deepEqual(
      ["./mission deplyo .", "./mission preview . --coment", "./mission deploy", "./mission status a b c", './mission preview "$CODEBASE" --model-only >> "$GITHUB_STEP_SUMMARY"'].map(mistakeIn),
      ['there is no command "deplyo"', '"preview" has no option --coment', '"deploy" takes other arguments', '"status" takes other arguments', null],
    );
  });
});
