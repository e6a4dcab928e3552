import "../support/seed.js";
import assert from "node:assert/strict";
import fc from "fast-check";
import { isOpenAt, LOOK_AHEAD_DAYS, windowAt, windowMistakes, type WindowState } from "../../model/window.js";
import { windowSchema, type WindowSettings } from "../../model/window-settings.js";
import { windowOpen } from "../../runner/gates/window-open.js";

const BERLIN = "Europe/Berlin";
const at = (iso: string) => Date.parse(iso);
const settings = (input: unknown): WindowSettings => windowSchema.parse(input);
const state = (input: unknown, iso: string): WindowState => windowAt(settings(input), at(iso));
const open = (input: unknown, iso: string): boolean => state(input, iso).open;
const opens = (input: unknown, iso: string): string | null | undefined => {
  const seen = state(input, iso);
  return seen.open ? undefined : (seen.opens?.iso ?? null);
};

describe("the window", () => {
  it("is always open where none is set, and where nothing is denied", () => {
    assert.equal(windowAt(undefined, 0).open, true);
    assert.equal(open({}, "2026-12-24T00:00:00Z"), true);
  });

  it("means days and times in its own time zone, the end not included", () => {
    const weekdays = { timezone: BERLIN, allow: [{ days: ["mon", "tue"], from: "09:00", to: "16:00" }] };
    assert.deepEqual(["2026-11-30T07:59:59.999Z", "2026-11-30T08:00:00Z", "2026-11-30T14:59:59.999Z", "2026-11-30T15:00:00Z", "2026-12-02T08:00:00Z"].map((iso) => open(weekdays, iso)), [false, true, true, false, false]);
    assert.equal(opens(weekdays, "2026-12-02T08:00:00Z"), "2026-12-07T09:00:00+01:00");
    const seen = state(weekdays, "2026-12-02T08:00:00Z");
    assert.equal(seen.open ? "" : seen.opens?.words, "Monday 2026-12-07 at 09:00 (Europe/Berlin)");
  });

  it("goes over midnight where it ends before it begins, and belongs to the day on which it began", () => {
    const nights = { allow: [{ days: ["fri"], from: "22:00", to: "04:00" }] };
    assert.deepEqual(["2026-12-04T03:00Z", "2026-12-04T21:59Z", "2026-12-04T22:00Z", "2026-12-05T03:59Z", "2026-12-05T04:00Z", "2026-12-05T22:30Z"].map((iso) => open(nights, iso)), [false, false, true, true, false, false]);
    assert.equal(opens({ allow: [{ days: ["sun"], from: "24:00", to: "06:00" }] }, "2026-12-06T12:00Z"), "2026-12-07T00:00:00Z");
  });

  it("lets deny beat allow, gives the reason, and opens when the last of several denies is over", () => {
    const deny = [
      { from: "2026-12-20T00:00", to: "2027-01-02T00:00", reason: "Christmas freeze" },
      { from: "2027-01-01T00:00:00+01:00", to: "2027-01-04T10:00:00+01:00", reason: "stock-taking" },
    ];
    const seen = state({ timezone: BERLIN, allow: [{ from: "08:00", to: "18:00" }], deny }, "2026-12-24T11:00:00Z");
    assert.ok(!seen.open);
    assert.match(seen.rule, /Christmas freeze/);
    assert.doesNotMatch(seen.rule, /stock-taking/);
    assert.deepEqual([seen.by, seen.opens?.iso], ["denied", "2027-01-04T10:00:00+01:00"]);
    const both = state({ timezone: BERLIN, deny }, "2027-01-01T11:00:00Z");
    assert.match(both.open ? "" : both.rule, /Christmas freeze.*stock-taking/);
  });

  it("opens at the jump when its beginning is jumped over, and not at all that day when all of it is", () => {
    const before = "2026-03-29T00:30:00Z"; // 01:30 in Berlin; at 02:00 clocks go to 03:00.
    assert.equal(opens({ timezone: BERLIN, allow: [{ from: "02:30", to: "05:00" }] }, before), "2026-03-29T03:00:00+02:00");
    assert.equal(opens({ timezone: BERLIN, allow: [{ from: "02:00", to: "03:00" }] }, before), "2026-03-30T02:00:00+02:00");
  });

  it("is open both times where a time exists twice", () => {
    const hour = { timezone: BERLIN, allow: [{ from: "02:00", to: "02:30" }] };
    assert.deepEqual(["2026-10-25T00:10Z", "2026-10-25T00:40Z", "2026-10-25T01:10Z", "2026-10-25T01:30Z"].map((iso) => open(hour, iso)), [true, false, true, false]);
    assert.equal(opens(hour, "2026-10-25T00:40Z"), "2026-10-25T02:00:00+01:00");
    // The clock goes back into a window that had ended.
    assert.equal(opens({ timezone: BERLIN, allow: [{ from: "01:00", to: "02:30" }] }, "2026-10-25T00:40Z"), "2026-10-25T02:00:00+01:00");
  });

  it("takes a deny whose bounds exist twice, or not at all, for the longer time", () => {
    const twice = { timezone: BERLIN, deny: [{ from: "2026-10-25T02:15", to: "2026-10-25T02:45", reason: "x" }] };
    assert.deepEqual(["2026-10-25T00:14Z", "2026-10-25T00:15Z", "2026-10-25T01:00Z", "2026-10-25T01:44Z", "2026-10-25T01:45Z"].map((iso) => open(twice, iso)), [true, false, false, false, true]);
    assert.equal(opens({ timezone: BERLIN, deny: [{ from: "2026-03-28T12:00", to: "2026-03-29T02:30", reason: "x" }] }, "2026-03-29T00:30Z"), "2026-03-29T03:00:00+02:00");
  });

  it("knows midnights that are jumped over and days that were left out", () => {
    assert.equal(opens({ timezone: "Asia/Beirut", allow: [{ days: ["sun"] }] }, "2026-03-28T20:00Z"), "2026-03-29T01:00:00+03:00");
    assert.equal(opens({ timezone: "Pacific/Apia", allow: [{ days: ["fri", "sat"], from: "10:00", to: "11:00" }] }, "2011-12-29T21:30Z"), "2011-12-31T10:00:00+14:00");
  });

  it("says that it does not open within a year", () => {
    const never = { deny: [{ from: "2026-01-01T00:00", to: "2030-01-01T00:00", reason: "the shop is closed" }] };
    assert.equal(opens(never, "2026-06-01T00:00Z"), null);
    const gate = windowOpen(settings(never), at("2026-06-01T00:00Z"));
    assert.equal(gate.verdict, "FAIL");
    assert.match(gate.summary, /the shop is closed\. It does not open within a year/);
  });

  it("is a gate that names the rule and the opening, and passes when it is open", () => {
    const gate = windowOpen(settings({ timezone: BERLIN, deny: [{ from: "2026-12-20T00:00", to: "2026-12-27T08:00", reason: "Christmas freeze" }] }), at("2026-12-24T00:00Z"));
    assert.match(gate.summary, /^The window is closed\. Nothing may begin from 2026-12-20T00:00 to 2026-12-27T08:00 \(Europe\/Berlin\): Christmas freeze\. It opens on Sunday 2026-12-27 at 08:00 \(Europe\/Berlin\), 2026-12-27T08:00:00\+01:00; begin then/);
    assert.equal(gate.measured["opens"], "2026-12-27T08:00:00+01:00");
    assert.equal(windowOpen(undefined, 0).verdict, "PASS");
  });

  it("refuses rules that can never hold, all at once", () => {
    const mistakes = windowMistakes(settings({ allow: [{ from: "10:00", to: "10:00" }], deny: [{ from: "2026-12-27T00:00", to: "2026-12-20T00:00", reason: "turned round" }] }));
    assert.deepEqual(mistakes.map(({ path }) => path), ["mission:window.allow[0]", "mission:window.deny[0]"]);
  });
});

describe("random windows", () => {
  const time = fc.integer({ min: 0, max: 96 }).map((quarter) => `${String(Math.floor(quarter / 4)).padStart(2, "0")}:${String((quarter % 4) * 15).padStart(2, "0")}`);
  const zone = fc.constantFrom("UTC", BERLIN, "America/New_York", "Asia/Beirut", "Australia/Lord_Howe", "America/Havana", "Asia/Kolkata");
  // Around both changes of the clock in 2026, where mistakes would be.
  const instant = fc.tuple(fc.constantFrom("2026-03-29T00:00Z", "2026-10-25T00:00Z", "2026-11-01T05:00Z", "2026-04-04T15:00Z"), fc.integer({ min: -3 * 96, max: 3 * 96 })).map(([iso, quarters]) => at(iso) + quarters * 900_000);
  const allow = fc.record({ days: fc.uniqueArray(fc.constantFrom("mon", "tue", "wed", "thu", "fri", "sat", "sun"), { minLength: 1 }), from: time, to: time });
  const deny = fc.tuple(instant, fc.integer({ min: 1, max: 400 }), fc.boolean()).map(([from, quarters, local]) => {
    const text = (when: number) => new Date(when).toISOString().slice(0, 16) + (local ? "" : ":00Z");
    return { from: text(from), to: text(from + quarters * 900_000), reason: "random" };
  });
  const window = fc.record({ timezone: zone, allow: fc.array(allow, { maxLength: 3 }), deny: fc.array(deny, { maxLength: 3 }) }).map(settings);

  it("is open at the opening it reports, and at no earlier quarter of an hour", () =>
    fc.assert(
      fc.property(window, instant, (given, now) => {
        const seen = windowAt(given, now);
        if (seen.open) return;
        const limit = seen.opens?.at ?? now + LOOK_AHEAD_DAYS * 86_400_000;
        if (seen.opens !== null) {
          assert.ok(seen.opens.at > now);
          assert.equal(windowAt(given, seen.opens.at).open, true);
          assert.equal(windowAt(given, seen.opens.at - 1).open, false);
          assert.equal(Date.parse(seen.opens.iso), seen.opens.at);
        }
        // Every rule here begins and ends at a quarter of an hour, so no opening can hide between two.
        for (let when = now; when < Math.min(limit, now + 10 * 86_400_000); when += 900_000) assert.equal(isOpenAt(given, when), false, new Date(when).toISOString());
      }),
      { numRuns: 150 },
    ));

  it("is never open while it is denied, and never opened by one deny more", () =>
    fc.assert(
      fc.property(window, deny, instant, (given, more, now) => {
        const stricter = settings({ ...given, deny: [...given.deny, more] });
        if (windowAt(stricter, now).open) assert.equal(windowAt(given, now).open, true);
        const alone = windowAt(settings({ timezone: given.timezone, deny: [more] }), now);
        if (!alone.open) assert.equal(windowAt(stricter, now).open, false);
      }),
      { numRuns: 300 },
    ));
});
