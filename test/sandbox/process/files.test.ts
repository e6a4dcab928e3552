import assert from "node:assert/strict";
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createWhole, writeDurably, writeWhole } from "../../../sandbox/process/atomic-file.js";
import { freePort, isFree } from "../../../sandbox/process/free-port.js";
import { openLog, removeLog, rotateLog, tailOf } from "../../../sandbox/process/log-file.js";
import { Mutex } from "../../../sandbox/process/mutex.js";

describe("The files of a sandbox", () => {
  let directory: string;
  const at = (name: string) => join(directory, name);
  const read = (name: string) => readFileSync(at(name), "utf8");
  beforeEach(() => (directory = mkdtempSync(join(tmpdir(), "mission-files-"))));
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  it("are replaced as a whole, for their owner only, and what was there before stays available", async () => {
    await writeDurably(at("state"), "one", { previous: at("before") });
    assert.equal(existsSync(at("before")), false);
    await writeDurably(at("state"), "two", { previous: at("before") });
    writeWhole(at("table"), "three");
    assert.deepEqual([read("state"), read("before"), read("table")], ["two", "one", "three"]);
    for (const name of ["state", "before", "table"]) assert.equal(statSync(at(name)).mode & 0o777, 0o600, name);
    assert.deepEqual(readdirSync(directory).sort(), ["before", "state", "table"]);
  });

  it("are as they were when they cannot be replaced", async () => {
    await writeDurably(at("state"), "one");
    mkdirSync(at("before"));
    await assert.rejects(writeDurably(at("state"), "two", { previous: at("before") }));
    assert.equal(read("state"), "one");
    assert.deepEqual(readdirSync(directory).sort(), ["before", "state"]);
  });

  it("are created once", () => {
    assert.equal(createWhole(at("token"), "first"), true);
    assert.equal(createWhole(at("token"), "second"), false);
    assert.equal(read("token"), "first");
    assert.deepEqual(readdirSync(directory), ["token"]);
  });

  it("that are logs are emptied under their writer when they are long, and two earlier parts are kept", () => {
    const log = at("x.log");
    const file = openLog(log);
    for (const part of ["a", "b", "c", "d"]) {
      appendFileSync(file, part.repeat(20));
      rotateLog(log, 10);
    }
    appendFileSync(file, "e");
    rotateLog(log, 10);
    assert.deepEqual([read("x.log"), read("x.log.1"), read("x.log.2")], ["e", "d".repeat(20), "c".repeat(20)]);
    removeLog(log);
    assert.deepEqual(readdirSync(directory), []);
  });

  it("that are logs give their last lines, masked before they are cut", () => {
    writeFileSync(at("x.log"), `${"noise ".repeat(5_000)}\nfirst\n\nthe secret is canary-\ntwo\n${"y".repeat(500)}\n`);
    const lines = tailOf(at("x.log"), 3, (text) => text.replace("canary-\ntwo", "[secret]\nx"));
    assert.deepEqual(lines, ["the secret is [secret]", "x", `${"y".repeat(400)}...`]);
    assert.deepEqual(tailOf(at("none.log"), 3, String), []);
  });
});

describe("A port from the system", () => {
  it("is free and is not given twice, nor when it is to be avoided", async () => {
    const ports = await Promise.all(Array.from({ length: 20 }, () => freePort(new Set())));
    assert.equal(new Set(ports).size, 20);
    for (const port of ports) assert.equal(await isFree(port), true);
    const all = new Set(Array.from({ length: 65_536 }, (_none, port) => port));
    await assert.rejects(freePort(all), /gave no free port/);
  });

  it("that somebody listens on is not free", async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen({ host: "127.0.0.1", port: 0 }, resolve));
    const { port } = server.address() as AddressInfo;
    assert.equal(await isFree(port), false);
    await new Promise((resolve) => server.close(resolve));
    assert.equal(await isFree(port), true);
  });
});

describe("A mutex", () => {
  it("runs one piece of work at a time, in order, also after one that failed", async () => {
    const mutex = new Mutex();
    const order: string[] = [];
    const work = (name: string, fails = false) =>
      mutex.run(async () => {
        order.push(`${name} begins`);
        await new Promise((resolve) => setImmediate(resolve));
        order.push(`${name} ends`);
        if (fails) throw new Error(name);
        return name;
      });
    const [one, two, three] = await Promise.allSettled([work("one"), work("two", true), work("three")]);
    assert.deepEqual([one?.status, two?.status, three?.status], ["fulfilled", "rejected", "fulfilled"]);
    assert.deepEqual(order, ["one begins", "one ends", "two begins", "two ends", "three begins", "three ends"]);
  });
});
