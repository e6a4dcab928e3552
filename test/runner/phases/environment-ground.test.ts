import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { Split } from "../../../model/split.js";
import { allPass, type GateResult } from "../../../model/verdict.js";
import type { SlotCounters } from "../../../model/slot-window.js";
import type { Control } from "../../../runner/mission/control.js";
import { Steps } from "../../../runner/mission/steps.js";
import { environmentGround } from "../../../runner/phases/environment-ground.js";
import type { MissionContext } from "../../../runner/phases/mission-context.js";
import type { PlatformAdapter } from "../../../runner/platforms/adapter.js";
import { setTimeout as sleep } from "node:timers/promises";
import { subjectOf } from "../../support/missions.js";
import { releaseOf } from "../../support/specs.js";
import { MemoryJournal } from "../mission/memory-world.js";
import { BEGIN, FakePlatform } from "../watch/fake-platform.js";

/** A load balancer that shows the weight it was asked for and answers by another one. */
class Front {
  /** Share of the candidate's answers. */
  share = 0;
  seen = 0;
  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  static async start(): Promise<Front> {
    const server = createServer();
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const front = new Front(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    server.on("request", (_request, response) => {
      front.seen += 1;
      const candidate = Math.floor(front.seen * front.share) > Math.floor((front.seen - 1) * front.share);
      response.writeHead(200, { "x-mission-release": candidate ? "1.1.0" : "1.0.0" }).end();
    });
    return front;
  }

  async close(): Promise<void> {
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, "close");
  }
}

/** The ground of a real mission in production, on a platform that is not real. */
function groundOn(platform: FakePlatform, url: string) {
  const never = new AbortController().signal;
  const control: Control = { asked: () => null, rollBack: never, stop: never, close: () => undefined };
  const journal = new MemoryJournal();
  void journal.append({ kind: "result", id: "validate/release", value: JSON.parse(JSON.stringify(releaseOf("1.1.0"))) as never });
  const adapter = Object.assign(platform, { capabilities: { metricsGrainMs: 1_000 }, endpoints: () => Promise.resolve({ production: url, slots: { blue: url, green: url } }) }) as unknown as PlatformAdapter;
  const context = { subject: subjectOf(), adapters: { staging: adapter, production: adapter }, steps: new Steps(journal, () => Promise.resolve(), () => null), control, clock: platform.clock, say: () => undefined, onOutput: () => undefined };
  return environmentGround(context as unknown as MissionContext, "production");
}

const named = (results: readonly GateResult[], name: string) => results.filter(({ gate }) => gate === name);

describe("an environment whose answers do not follow the weight that it shows", function () {
  this.timeout(60_000);
  let front: Front;
  beforeEach(async () => (front = await Front.start()));
  afterEach(() => front.close());

  /** Watches at 50 % for 10 s on the watch's clock, while the client really sends. */
  const watched = async (before: (platform: FakePlatform) => void = () => undefined) => {
    const platform = new FakePlatform();
    before(platform);
    platform.service = { ...platform.service, split: Split.weight("green", 50) };
    platform.behaviour = { blue: { rate: 50 }, green: { rate: 50 } };
    const pass = platform.clock.sleep.bind(platform.clock);
    platform.clock.sleep = async (milliseconds, signal) => {
      await sleep(150);
      return pass(milliseconds, signal);
    };
    const ground = groundOn(platform, front.url);
    await ground.startProbing();
    try {
      return await ground.watch(10_000, null);
    } finally {
      await ground.stopProbing();
    }
  };

  it("does not pass when the weight is accepted and never applied, although everything else is well", async () => {
    const results = await watched();
    const [applied] = named(results, "weight-applied");
    assert.equal(applied?.verdict, "FAIL", JSON.stringify(results));
    assert.match(applied.summary, /0 of \d+ answers came from release 1\.1\.0 at a weight of 50 %: a weight that is accepted but not applied/);
    assert.ok(results.filter(({ gate }) => gate !== "weight-applied").every(({ verdict }) => verdict === "PASS"), JSON.stringify(results));
  });

  it("does not pass when it is applied so late that the answers are not those of the weight, and passes when they are", async () => {
    const [late] = named(await watched(({ clock }) => clock.at(8_500, () => (front.share = 0.5))), "weight-applied");
    assert.equal(late?.verdict, "FAIL", late?.summary);
    assert.match(late.summary, /by chance that happens less than once in a million times/);
    const results = await watched();
    assert.ok(allPass(results), JSON.stringify(results));
    assert.equal(named(results, "weight-applied").length, 1);
  });
});

describe("an environment whose metrics are no metrics, watched by a mission", () => {
  const green = (change: (counters: SlotCounters, platform: FakePlatform) => SlotCounters | null) => (platform: FakePlatform) => {
    platform.tamper.metrics = (counters) => ({ ...counters, green: counters.green && change(counters.green, platform) });
  };
  for (const [name, spoil] of [
    ["empty", green(() => null)],
    ["not a number", green((counters) => ({ ...counters, errors: Number.NaN }))],
    ["stale", green((counters) => ({ ...counters, at: BEGIN }))],
    ["an error each time", (platform: FakePlatform) => (platform.tamper.metrics = () => Promise.reject(new Error("500")))],
    ["of a release that nobody asks for", (platform: FakePlatform) => (platform.behaviour.green = { rate: 0 })],
  ] as const) {
    it(`has no gate about the release that passes when they are ${name}`, async () => {
      const platform = new FakePlatform();
      spoil(platform);
      const results = await groundOn(platform, "http://127.0.0.1:1").watch(10_000, null);
      const [judged] = named(results, "candidate-as-good-as-baseline");
      assert.ok(judged !== undefined && judged.verdict !== "PASS", JSON.stringify(results));
      // Nothing was sent from outside either, and that is no pass.
      assert.deepEqual(named(results, "weight-applied").map(({ verdict }) => verdict), ["ERROR"]);
    });
  }

  it("passes all of them but the one about a client that does not send, when they are well", async () => {
    const results = await groundOn(new FakePlatform(), "http://127.0.0.1:1").watch(10_000, null);
    assert.deepEqual(results.filter(({ verdict }) => verdict !== "PASS").map(({ gate }) => gate), ["weight-applied"]);
  });
});
