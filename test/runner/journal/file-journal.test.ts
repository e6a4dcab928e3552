import "../../support/seed.js";
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execFile } from "node:child_process";
import fc from "fast-check";
import { BrokenJournal, FileJournal, readJournal } from "../../../runner/journal/file-journal.js";
import type { JournalLine } from "../../../runner/mission/journal-port.js";

describe("a journal in a file", () => {
  const folder = mkdtempSync(join(tmpdir(), "mission-journal-"));
  after(() => rmSync(folder, { recursive: true, force: true }));
  let count = 0;
  const fresh = () => join(folder, `${(count += 1)}.jsonl`);
  const note = (id: string): JournalLine => ({ kind: "note", id });
  const written = async (ids: readonly string[]) => {
    const file = fresh();
    const journal = await FileJournal.create(file);
    await Promise.all(ids.map((id) => journal.append(note(id))));
    await journal.close();
    return file;
  };

  it("gives back what was written, in order, and goes on from there", async () => {
    const file = await written(["a", "b"]);
    const journal = await FileJournal.open(file);
    await journal.append(note("c"));
    await journal.close();
    const { lines } = await readJournal(file);
    assert.deepEqual(lines.map(({ line, seq }) => [seq, line.id]), [[0, "a"], [1, "b"], [2, "c"]]);
  });

  it("is out of reach of whoever it was taken over from: what that one still writes or cuts is in no journal", async () => {
    const file = fresh();
    const old = await FileJournal.create(file);
    await old.append(note("a"));
    const taken = await FileJournal.open(file);
    await taken.append(note("b"));
    await old.append(note("late"));
    await taken.append(note("c"));
    await Promise.all([old.close(), taken.close()]);
    assert.deepEqual((await readJournal(file)).lines.map(({ line }) => line.id), ["a", "b", "c"]);
  });

  it("takes nothing after its terminal line", async () => {
    const file = await written(["a"]);
    const journal = await FileJournal.open(file);
    await journal.append({ kind: "terminal", id: "succeeded" });
    await assert.rejects(journal.append(note("b")), /nothing follows a terminal line/);
    await journal.close();
  });

  it("is not made where there is one", async () => {
    const file = await written(["a"]);
    await assert.rejects(FileJournal.create(file), { code: "EEXIST" });
  });

  it("cut anywhere is a whole beginning of what was written, or refused; never taken for nothing to do", async () => {
    const ids = ["one", "two", "three"];
    const whole = readFileSync(await written(ids));
    for (let length = 0; length < whole.length; length += 1) {
      const file = fresh();
      writeFileSync(file, whole.subarray(0, length));
      const lines = whole.subarray(0, length).toString().split("\n").length - 1;
      if (lines === 0) await assert.rejects(FileJournal.open(file), BrokenJournal);
      else {
        const journal = await FileJournal.open(file);
        assert.deepEqual(journal.lines().map(({ id }) => id), ids.slice(0, lines));
        await journal.append(note("after"));
        await journal.close();
        await readJournal(file);
      }
    }
  });

  it("with any byte changed is refused, or loses no more than a last line that ends differently", async () => {
    const whole = readFileSync(await written(["one", "two", "three"]));
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), async (at, difference) => {
        const bytes = Buffer.from(whole);
        bytes[at] = (bytes[at] ?? 0) ^ difference;
        const file = fresh();
        writeFileSync(file, bytes);
        const read = await readJournal(file).catch((error: unknown) => error);
        if (read instanceof BrokenJournal) return;
        assert.equal(at, whole.length - 1, "only the last line's end may be lost");
      }),
    );
  });

  it("says so when a line is not on disk for certain, and takes no other", async () => {
    // A file-size limit is the nearest thing to a full disk that needs no privilege; the program ignores the signal that comes with it.
    const module = join(__dirname, "..", "..", "..", "runner", "journal", "file-journal.js");
    const script = `process.on("SIGXFSZ", () => {}); const { FileJournal } = require(${JSON.stringify(module)});
      FileJournal.create(${JSON.stringify(fresh())}).then(async (journal) => {
        const said = [];
        for (let n = 0; n < 50; n += 1) await journal.append({ kind: "note", id: "x".repeat(200) + n }).catch((error) => said.push(error.message));
        console.log(JSON.stringify({ said, lines: journal.lines().length, file: journal.file }));
      });`;
    const out = await new Promise<string>((resolve, reject) => execFile("/bin/sh", ["-c", `ulimit -f 4; exec "$0" -e "$1"`, process.execPath, script], { env: { ...process.env, NODE_DISABLE_COMPILE_CACHE: "1" } }, (error, stdout) => (error ? reject(error) : resolve(stdout))));
    const { said, lines, file } = JSON.parse(out) as { said: string[]; lines: number; file: string };
    assert.ok(lines > 0 && lines < 50 && said.length === 50 - lines, out);
    assert.ok(said.every((message) => /cannot be written .*the mission stops before its next step/.test(message)));
    assert.equal((await readJournal(file)).lines.length, lines, "what it acknowledged is there");
  });
});
