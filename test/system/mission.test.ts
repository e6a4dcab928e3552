import { seed } from "../support/seed.js";
import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { ArtifactStore } from "../../artifacts/store.js";
import type { Release } from "../../model/release.js";
import type { GateResult } from "../../model/verdict.js";
import { sandboxAdapter } from "../../runner/platforms/sandbox.js";
import type { View } from "../../runner/mission/ground.js";
import type { MissionParts } from "../../runner/mission/mission-parts.js";
import { runMission } from "../../runner/mission/run-mission.js";
import { StackGround } from "../../runner/mission/stack-ground.js";
import { Steps } from "../../runner/mission/steps.js";
import { startProber } from "../../runner/prober/start-prober.js";
import { buildRelease } from "../../runner/release/build-release.js";
import { artifactsDirectory } from "../../sandbox/home.js";
import { Killed, MemoryJournal } from "../runner/mission/memory-world.js";
import { MissionProject } from "../support/mission-project.js";
import { shares } from "../support/serving.js";
import { tinyApp } from "../support/tiny-app.js";

/** The mission's core on the real engine and the real sandbox; its gates here ask the service itself. */
describe("a mission on the real engine", function () {
  this.timeout(300_000);
  const project = MissionProject.create();
  const codebase = tinyApp("voyage");
  const stacks = ["voyage-staging", "voyage-production"] as const;
  let url = "";

  before(async () => {
    process.env["MISSION_HOME"] = project.home;
    await project.must("release", codebase, "--version", "1.0.0");
    for (const stack of stacks) assert.equal((await project.up(stack)).code, 0);
    url = (await project.sandbox("voyage-production")).services["web"]?.endpoints?.production ?? "";
  });

  after(async () => {
    delete process.env["MISSION_HOME"];
    await project.remove();
    rmSync(codebase, { recursive: true, force: true });
  });

  const release = (version: string): Promise<Release> => buildRelease({ codebase, version, store: new ArtifactStore(artifactsDirectory()), onOutput: () => undefined });

  /** Every route must answer with the release it should; a bake asks a hundred times. */
  const ground = (environment: "staging" | "production", made: Release, journal: MemoryJournal, bad: (candidate: number) => boolean = () => false) => {
    const stack = `voyage-${environment}`;
    const adapter = sandboxAdapter(stack);
    const ask = async (view: View, times: number): Promise<readonly GateResult[]> => {
      const observed = (await adapter.describe())["web"];
      const endpoints = await adapter.endpoints("web");
      assert.ok(observed?.live && observed.split && endpoints);
      const free = observed.live === "blue" ? "green" : "blue";
      const { failed, byRelease } = await shares(view === "candidate" ? endpoints.slots[free] : endpoints.production, times);
      const serves = view === "users" || byRelease[made.version] === times;
      const pass = failed === 0 && serves && !(view === "users" && times > 10 && bad(observed.split.of(free)));
      return [{ gate: "serves", verdict: pass ? "PASS" : "FAIL", summary: `${failed} of ${times} failed; answered by ${JSON.stringify(byRelease)}.`, details: [], measured: { failed } }];
    };
    const alive = <T>(work: () => Promise<T>) => {
      journal.assertAlive();
      return work();
    };
    return new StackGround({ stack, environment }, adapter, made, {
      permit: () => alive(() => Promise.resolve([{ gate: "permit", verdict: "PASS", summary: "No freeze.", details: [], measured: {} }])),
      migrate: () => alive(() => Promise.resolve(null)),
      startProbing: () => Promise.resolve(),
      baseline: () => alive(() => Promise.resolve(null)),
      probed: () => Promise.resolve(null),
      markProbed: () => Promise.resolve(),
      stopProbing: () => Promise.resolve(null),
      check: (view) => alive(() => ask(view, 5)),
      watch: () => alive(() => ask("users", 100)),
    });
  };

  const parts = (made: Release, journal: MemoryJournal, bad?: (candidate: number) => boolean): MissionParts => {
    const pass = () => Promise.resolve([{ gate: "given", verdict: "PASS" as const, summary: "given", details: [], measured: {} }]);
    return {
      validate: pass,
      plan: pass,
      staging: ground("staging", made, journal),
      production: ground("production", made, journal, bad),
      strategy: [10, 100].map((weight) => ({ weight, bakeMs: 500 })),
      stagingBakeMs: 500,
      monitorMs: 500,
      hotfix: false,
      limits: { validate: Infinity, plan: Infinity, staging: Infinity, production: Infinity, monitor: Infinity },
      retires: { staging: false, production: false },
      nothingToDo: () => Promise.resolve(false),
      provedInStaging: pass,
      afterwards: pass,
      approve: null,
      hold: () => Promise.resolve(),
      freeze: () => Promise.resolve(),
    };
  };

  const run = async (journal: MemoryJournal, make: () => MissionParts, killAt = Infinity) => {
    journal.revive(killAt);
    try {
      return await runMission(new Steps(journal, () => Promise.resolve(journal.assertAlive()), () => null), make());
    } finally {
      journal.revive();
    }
  };

  const liveVersion = async (stack: string) => {
    const { live, slots, split } = (await project.sandbox(stack)).services["web"] ?? {};
    assert.ok(live && split);
    assert.equal(split[live], 100);
    return slots?.[live].spec?.version;
  };

  it("takes a release through staging and production, killed at two drawn boundaries of its journal, without a failed request", async () => {
    const made = await release("1.1.0");
    const journal = new MemoryJournal();
    const prober = await startProber({ url, rate: 100 });
    const draws = [seed % 29, (seed >>> 8) % 29];
    process.stdout.write(`      killed at boundaries ${draws.join(" and ")}\n`);
    for (const killAt of draws) await assert.rejects(run(journal, () => parts(made, journal), killAt), Killed);
    const outcome = await run(journal, () => parts(made, journal));
    const { failed, sent, errors } = await prober.stop();
    assert.equal(outcome.state, "succeeded", outcome.reason);
    for (const stack of stacks) assert.equal(await liveVersion(stack), "1.1.0");
    assert.deepEqual([failed, sent > 500], [0, true], JSON.stringify(errors));
    assert.equal(journal.lines().filter(({ kind }) => kind === "terminal").length, 1);
  });

  it("brings a release back that is bad in production only, and users never lose an answer", async () => {
    const made = await release("1.2.0");
    const journal = new MemoryJournal();
    const prober = await startProber({ url, rate: 100 });
    const outcome = await run(journal, () => parts(made, journal, (candidate) => candidate >= 10));
    const { failed } = await prober.stop();
    assert.equal(outcome.state, "rolled-back");
    assert.match(outcome.reason, /Gate "serves" of phase "production" is FAIL/);
    assert.deepEqual([await liveVersion("voyage-staging"), await liveVersion("voyage-production"), failed], ["1.2.0", "1.1.0", 0]);
  });

  it("finds nothing to shift when the release is live already", async () => {
    const made = await release("1.2.0");
    const first = new MemoryJournal();
    assert.equal((await run(first, () => parts(made, first))).state, "succeeded");
    const journal = new MemoryJournal();
    const outcome = await run(journal, () => parts(made, journal));
    assert.equal(outcome.state, "succeeded", outcome.reason);
    assert.deepEqual(journal.lines().filter(({ kind, id }) => kind === "intent" && id.includes("weight")), []);
  });
});
