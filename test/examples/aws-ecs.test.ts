import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { globSync, readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { environmentMistakes } from "../../model/environment-rules.js";
import { projectRoot } from "../../runner/engine/engine-environment.js";
import { readStackFileSettings } from "../../runner/engine/read-stack-settings.js";
import { releaseOf } from "../../runner/release/build-release.js";
import { readApplication } from "../../runner/release/read-application.js";
import { imageDigest } from "../support/aws-app.js";

const FOLDER = join(projectRoot(), "examples", "aws-ecs");

/** Which service of AWS a client of the SDK speaks to, as its permissions are named. */
const CLIENTS: Readonly<Record<string, string>> = { "client-ecs": "ecs", "client-elastic-load-balancing-v2": "elasticloadbalancing", "client-cloudwatch": "cloudwatch", "client-sns": "sns" };

interface Statement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
}

/** What somebody finds who copies the example. */
describe("the example on AWS", function () {
  this.timeout(60_000);

  for (const environment of ["staging", "production"] as const) {
    it(`has a mission.yaml and a stack file for ${environment} without a mistake`, async () => {
      const { application, diagnostics } = await readApplication(FOLDER);
      assert.deepEqual(diagnostics, []);
      assert.ok(application);
      const digests = new Map(Object.keys(application.services).map((name) => [name, imageDigest("1.0.0")]));
      const { settings, diagnostics: wrong, secrets } = await readStackFileSettings(join(FOLDER, `Pulumi.${application.name}-${environment}.yaml`));
      assert.deepEqual(wrong, []);
      assert.ok(settings);
      assert.deepEqual([settings.environment, settings.platform], [environment, "aws"]);
      assert.deepEqual(environmentMistakes({ ...settings, release: releaseOf(application, "1.0.0", null, digests) }, secrets), []);
    });
  }

  it("passes its own tests", async () => {
    const { stdout } = await promisify(execFile)(process.execPath, ["--test", "--test-reporter=tap"], { cwd: FOLDER, env: { PATH: process.env["PATH"] } });
    assert.match(stdout, /^# pass [1-9]\d*$/m);
    assert.match(stdout, /^# fail 0$/m);
  });

  it("names in its permissions every action that the runner asks for, and no wildcard", async () => {
    const [, json = ""] = /```json\n([\s\S]*?)```/.exec(await readFile(join(FOLDER, "README.md"), "utf8")) ?? [];
    const statements = (JSON.parse(json) as { Statement: readonly Statement[] }).Statement;
    const allowed = new Set(statements.filter(({ Effect }) => Effect === "Allow").flatMap(({ Action }) => Action));
    assert.deepEqual([...allowed].filter((action) => action.includes("*")), []);
    const needed = globSync(["aws/*.ts", "runner/platforms/aws*.ts"], { cwd: projectRoot() }).flatMap((file) => {
      const text = readFileSync(join(projectRoot(), file), "utf8");
      return [...text.matchAll(/import \{([^}]*)\} from "@aws-sdk\/([^"]+)"/g)].flatMap(([, names = "", client = ""]) =>
        [...names.matchAll(/\b([A-Za-z]+)Command\b/g)].map(([, action]) => `${CLIENTS[client] ?? client}:${action}`),
      );
    });
    assert.ok(needed.length >= 10, needed.join(", "));
    assert.deepEqual([...new Set(needed)].filter((action) => !allowed.has(action)), []);
  });
});
