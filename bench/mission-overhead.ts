import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseDocument } from "yaml";
import { ArtifactStore } from "../artifacts/store.js";
import { unchangedRollout } from "../model/rollout.js";
import { allPass } from "../model/verdict.js";
import { engineEnvironment } from "../runner/engine/engine-environment.js";
import { readStackFileSettings } from "../runner/engine/read-stack-settings.js";
import { openStack } from "../runner/engine/stack.js";
import { update } from "../runner/engine/update.js";
import { watchControl } from "../runner/mission/control.js";
import type { Json } from "../runner/mission/journal-port.js";
import { readSubject } from "../runner/mission/read-subject.js";
import { Requests } from "../runner/mission/requests.js";
import { liveSpecs } from "../runner/mission/roll-back.js";
import { Steps } from "../runner/mission/steps.js";
import { StackGround } from "../runner/mission/stack-ground.js";
import { environmentGround } from "../runner/phases/environment-ground.js";
import { openAdapter } from "../runner/platforms/open-adapter.js";
import { replaceFile } from "../runner/replace-file.js";
import { packDigest } from "../runner/policies/pack-digest.js";
import { planRollout } from "../runner/rollout/rollout-intent.js";
import { MissionFolder } from "../runner/store/mission-folder.js";
import { openStore } from "../runner/store/open-store.js";
import { artifactsDirectory } from "../sandbox/home.js";
import { MissionProject } from "../test/support/mission-project.js";
import { POLICIES, packFolder } from "../test/support/policy-packs.js";
import { tinyApp } from "../test/support/tiny-app.js";
import { figuresOf, row, timed } from "./support/figures.js";

/*
 * What one step of a shift costs over the engine's own part of it: a change of weight by a bare `update()` with the wanted state in a configuration file and
 * no look at anything; that judged by a policy pack; the same through a mission's ground, with journal, stack that is opened, read-back and search of the
 * state; and that with the gates before and after it, `permit` and `check`. They take turns, so that a slow moment of the machine hits all.
 */

const ROUNDS = Number(process.env["ROUNDS"] ?? 10);

const KINDS = ["bare", "judged", "step", "gated"] as const;
type Kind = (typeof KINDS)[number];

/** Of two series that were measured in turns. */
function ratio(one: readonly number[], other: readonly number[]): string {
  return figuresOf(one.map((each, index) => each / (other[index] ?? Number.NaN))).median.toFixed(2);
}

function missing(): never {
  throw new Error("The stack has no release.");
}

async function main(): Promise<void> {
  const project = MissionProject.create();
  process.env["MISSION_HOME"] = project.home;
  const codebase = tinyApp("overhead");
  const stackName = "overhead-production";
  const allowing = packFolder([POLICIES.allows]);
  const directory = mkdtempSync(join(tmpdir(), "mission-bare-"));
  try {
    for (const version of ["1.0.0", "1.1.0"]) {
      await project.must("release", codebase, "--version", version, "--stack", stackName);
      await project.must("pulumi", "up", "--yes", "--skip-preview", "--stack", stackName);
    }
    const subject = await readSubject(codebase, { version: "1.1.0" });
    const adapters = { staging: await openAdapter(subject.staging.stack), production: await openAdapter(stackName) };
    const stack = await openStack(stackName);
    const { settings } = await readStackFileSettings(stack.file);
    const { folder, journal } = await MissionFolder.create(subject);
    const requests = new Requests(folder.path("requests"));
    const control = watchControl(requests, () => undefined);
    const steps = new Steps(journal, () => Promise.resolve(), () => control.asked());
    await steps.conclude("validate/release", () => Promise.resolve((settings?.release ?? null) as unknown as Json));
    await steps.conclude("production/before", async () => liveSpecs(await adapters.production.describe()));
    const measuring = environmentGround(
      { subject, folder, requests, store: openStore(), artifacts: new ArtifactStore(artifactsDirectory()), adapters, steps, control, say: () => undefined, onOutput: () => undefined },
      "production",
    );
    // A pack that allows everything: what policies take to judge is measured by `policy-cost`.
    const pack = { directory: allowing, pinned: packDigest(allowing) };
    const ground = new StackGround({ stack: stackName, environment: "production" }, adapters.production, settings?.release ?? missing(), {
      pack: () => pack,
      permit: (raise) => measuring.permit(raise),
      check: (view) => measuring.check(view),
      watch: (milliseconds, baseline) => measuring.watch(milliseconds, baseline),
      baseline: () => measuring.baseline(),
      migrate: () => measuring.migrate(),
      startProbing: () => measuring.startProbing(),
      probed: (since) => measuring.probed(since),
      markProbed: () => measuring.markProbed(),
      stopProbing: () => measuring.stopProbing(),
    });

    // One more than there are kinds, so that each kind meets each weight.
    const weights = [10, 50, 100, 50, 0];
    let next = 0;
    const weight = () => weights[next++ % weights.length] ?? 0;
    const bare = async (policyPack: string | null) => {
      const { rollout } = planRollout(stackName, await adapters.production.describe(), { kind: "set", weight: weight() });
      const document = parseDocument(readFileSync(stack.file, "utf8"));
      document.setIn(["config", "mission:rollout"], document.createNode(JSON.parse(JSON.stringify({ ...unchangedRollout(await adapters.production.describe()), ...rollout }))));
      const file = join(directory, `Pulumi.${stackName}.yaml`);
      await replaceFile(file, document.toString());
      return timed(async () => {
        const { ok, errors } = await update(stackName, { ...stack.environment, ...engineEnvironment(stackName, file) }, () => undefined, undefined, policyPack);
        if (!ok) throw new Error(errors.join("\n"));
      });
    };
    const step = async (id: string) => {
      const to = weight();
      await steps.effect(id, { weight: to }, async () => {
        await ground.apply({ kind: "set", weight: to }, await ground.candidates());
        return null;
      });
    };
    const gate = async (id: string, work: () => ReturnType<typeof ground.permit>) => {
      const results = await steps.measure(id, async () => (await work()) as unknown as Json);
      if (!allPass(results as never)) throw new Error(JSON.stringify(results));
    };

    const took: Record<Kind, number[]> = { bare: [], judged: [], step: [], gated: [] };
    for (let round = 0; round <= ROUNDS; round += 1) {
      const one = {
        bare: await bare(null),
        judged: await bare(allowing),
        step: await timed(() => step(`step-${round}`)),
        gated: await timed(async () => {
          await gate(`gated-${round}/permit`, () => ground.permit("later"));
          await step(`gated-${round}`);
          await gate(`gated-${round}/checks`, () => ground.check("users"));
        }),
      };
      // The first round warms up.
      if (round > 0) for (const kind of KINDS) took[kind].push(one[kind]);
    }
    control.close();
    await journal.close();
    console.log(row("a change of weight, bare update", figuresOf(took.bare)));
    console.log(row("the same, judged by a policy pack", figuresOf(took.judged)));
    console.log(row("one step of a shift", figuresOf(took.step)));
    console.log(row("one step with permit and checks", figuresOf(took.gated)));
    console.log(`judged over bare: ${ratio(took.judged, took.bare)} (median of the rounds' ratios)`);
    for (const kind of ["step", "gated"] as const) console.log(`${kind} over judged: ${ratio(took[kind], took.judged)}`);
  } finally {
    await project.remove();
    rmSync(codebase, { recursive: true, force: true });
    rmSync(allowing, { recursive: true, force: true });
    rmSync(directory, { recursive: true, force: true });
  }
}

void main();
