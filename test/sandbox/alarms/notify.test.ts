import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isNews, newsOf, sentence, type AlarmChange } from "../../../sandbox/alarms/notification.js";
import { notify } from "../../../sandbox/alarms/notify.js";

const CHANGE: AlarmChange = {
  time: "2026-01-02T03:04:05.000Z",
  alarm: "web-error-rate",
  request: { service: "web", metric: "error-rate", threshold: 0.01, windowMs: 60_000, targets: [] },
  from: "ok",
  to: "alarm",
  value: 0.125,
};

describe("A notification", () => {
  const servers: Server[] = [];
  let directory: string;
  beforeEach(() => (directory = mkdtempSync(join(tmpdir(), "mission-notify-"))));
  afterEach(() => {
    for (const server of servers.splice(0)) {
      server.closeAllConnections();
      server.close();
    }
    rmSync(directory, { recursive: true, force: true });
  });

  async function serve(listener: RequestListener): Promise<string> {
    const server = createServer(listener);
    servers.push(server);
    await new Promise<void>((resolve) => server.listen({ host: "127.0.0.1", port: 0 }, resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/services/canary-path`;
  }

  it("says what is wrong, what is allowed, and when it is over", () => {
    assert.equal(sentence(CHANGE), 'ALARM: Service "web": error-rate is 12.5 % (allowed is at most 1 %).');
    assert.equal(sentence({ ...CHANGE, from: "alarm", to: "ok", value: 0 }), 'Over: Service "web": error-rate is 0 % (allowed is at most 1 %).');
    assert.equal(sentence({ ...CHANGE, request: { ...CHANGE.request, metric: "latency-p95", threshold: 300 }, value: 812.4 }), 'ALARM: Service "web": latency-p95 is 812 ms (allowed is at most 300 ms).');
    assert.match(sentence({ ...CHANGE, from: "alarm", to: "insufficient-data", value: null }), /not known any more/);
  });

  it("is sent when an alarm goes off and when that is over, not when data come and go", () => {
    const news = (["ok", "alarm", "insufficient-data"] as const).flatMap((from) => (["ok", "alarm", "insufficient-data"] as const).filter((to) => isNews({ from, to })).map((to) => `${from} ${to}`));
    assert.deepEqual(news, ["ok alarm", "alarm ok", "alarm insufficient-data", "insufficient-data alarm"]);
  });

  it("is one line of JSON in a file below the sandbox", async () => {
    const target = { type: "file", path: "notifications/alarms.jsonl" } as const;
    for (const to of ["alarm", "ok"] as const) assert.deepEqual(await notify(target, { ...CHANGE, to }, directory), { ok: true });
    const lines = readFileSync(join(directory, "notifications", "alarms.jsonl"), "utf8").trim().split("\n").map((line) => JSON.parse(line) as Record<string, unknown>);
    assert.deepEqual(lines.map(({ alarm, service, metric, state, value, threshold }) => [alarm, service, metric, state, value, threshold]), [
      ["web-error-rate", "web", "error-rate", "alarm", 0.125, 0.01],
      ["web-error-rate", "web", "error-rate", "ok", 0.125, 0.01],
    ]);
  });

  it("is a text in Slack's form for a webhook, tried three times", async () => {
    const bodies: string[] = [];
    const url = await serve((request, response) => {
      let body = "";
      request.on("data", (piece: Buffer) => (body += piece.toString()));
      request.on("end", () => {
        bodies.push(`${request.method} ${request.headers["content-type"]} ${body}`);
        response.writeHead(bodies.length < 3 ? 500 : 200).end();
      });
    });
    assert.deepEqual(await notify({ type: "webhook", url }, CHANGE, directory, { pauses: [1, 1] }), { ok: true });
    assert.deepEqual(new Set(bodies), new Set([`POST application/json ${JSON.stringify({ text: sentence(CHANGE) })}`]));
    assert.equal(bodies.length, 3);
  });

  it("that does not arrive says so, without the webhook's path, which is a secret", async () => {
    let asked = 0;
    const url = await serve((_request, response) => {
      asked += 1;
      response.writeHead(503).end();
    });
    const outcome = await notify({ type: "webhook", url }, CHANGE, directory, { pauses: [1, 1] });
    assert.deepEqual([outcome, asked], [{ ok: false, reason: `${new URL(url).host} answered 503 (3 tries)` }, 3]);
    const nobody = await notify({ type: "webhook", url: "http://127.0.0.1:1/services/canary-path" }, CHANGE, directory, { pauses: [1, 1] });
    assert.ok(!nobody.ok && /3 tries/.test(nobody.reason) && !nobody.reason.includes("canary"));
    assert.equal((await notify({ type: "file", path: "\0" }, CHANGE, directory)).ok, false);
  });

  it("is not waited for when the target hangs, and not sent again to who refuses it for good", async () => {
    const hanging = await serve(() => undefined);
    assert.deepEqual(await notify({ type: "webhook", url: hanging }, CHANGE, directory, { pauses: [], timeoutMs: 50 }), { ok: false, reason: `${new URL(hanging).host}: no answer within 50 ms (1 try)` });
    let asked = 0;
    const gone = await serve((_request, response) => {
      asked += 1;
      response.writeHead(410).end();
    });
    const outcome = await notify({ type: "webhook", url: gone }, CHANGE, directory, { pauses: [1, 1] });
    assert.deepEqual([outcome.ok, asked], [false, 1]);
    execFileSync("mkfifo", [join(directory, "pipe")]);
    assert.deepEqual(await notify({ type: "file", path: "pipe" }, CHANGE, directory), { ok: false, reason: "ENXIO" });
  });

  it("says of a test that it is one, which one, and nothing of a state", async () => {
    const { from: _from, to: _to, value: _value, ...rest } = CHANGE;
    const { text, line } = newsOf({ ...rest, test: "probe-1" });
    assert.equal(text, 'TEST probe-1: this is how alarm "web-error-rate" of service "web" would reach you. Nothing is wrong.');
    assert.deepEqual([line["test"], line["state"], newsOf(CHANGE).line["test"]], ["probe-1", undefined, undefined]);
  });

  it("follows no redirect", async () => {
    let followed = 0;
    const elsewhere = await serve((_request, response) => {
      followed += 1;
      response.end();
    });
    const url = await serve((_request, response) => response.writeHead(302, { location: elsewhere }).end());
    const outcome = await notify({ type: "webhook", url }, CHANGE, directory, { pauses: [1, 1] });
    assert.deepEqual([outcome, followed], [{ ok: false, reason: `${new URL(url).host} answered 302, a redirect, which is not followed (1 try)` }, 0]);
  });
});
