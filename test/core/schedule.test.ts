import fc from "fast-check";
import { expect, test } from "vitest";
import {
  freeTimes,
  localInstant,
  windowOf,
} from "../../functions/core/schedule.ts";
import { aSlot } from "../store/builders.ts";

const hours = (start: string, end: string, zone: string): number => {
  const { from, until } = windowOf(start, end, zone);
  return (Date.parse(until) - Date.parse(from)) / 3_600_000;
};

test.each([
  ["America/New_York", "2026-03-08", 23],
  ["America/New_York", "2026-11-01", 25],
  ["Europe/Berlin", "2026-03-29", 23],
  ["Europe/Berlin", "2026-10-25", 25],
  ["Australia/Lord_Howe", "2026-04-05", 24.5],
  ["Australia/Lord_Howe", "2026-10-04", 23.5],
  ["America/Santiago", "2026-09-06", 23],
  ["Asia/Kathmandu", "2026-06-01", 24],
  ["Pacific/Apia", "2026-06-01", 24],
  ["America/Phoenix", "2026-03-08", 24],
])("in %s the day %s has %d hours", (zone, day, length) => {
  expect(hours(day, day, zone)).toBe(length);
});

test("local days follow each other without a gap in every zone", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(
        "America/New_York",
        "Europe/London",
        "Asia/Tehran",
        "America/Santiago",
        "Pacific/Chatham",
        "UTC",
      ),
      fc.integer({ min: 0, max: 3650 }),
      (zone, offset) => {
        const day = (number: number): string =>
          new Date(Date.UTC(2024, 0, 1 + number)).toISOString().slice(0, 10);
        expect(windowOf(day(offset), day(offset), zone).until).toBe(
          windowOf(day(offset + 1), day(offset + 1), zone).from,
        );
        expect(
          localInstant(
            windowOf(day(offset), day(offset), zone).from,
            zone,
          ).slice(0, 10),
        ).toBe(day(offset));
      },
    ),
  );
});

test.each([
  ["x", "2026-03-02"],
  ["2026-02-30", "2026-03-02"],
  ["2026-03-02T10:00:00", "2026-03-02T11:00:00Z"],
  ["2026-03-02", "2026-03-01"],
  ["2026-03-02T10:00:00Z", "2026-03-02T10:00:00Z"],
  ["2026-03-02", "2026-04-20"],
])("from %s until %s is no window", (start, end) => {
  expect(() => windowOf(start, end, "UTC")).toThrow();
});

test("free times never touch a slot that is busy or time that is taken, and are long enough", () => {
  const morning = Date.parse("2026-03-10T14:00:00Z");
  const slot = fc.record({
    gap: fc.constantFrom(0, 0, 0, 10),
    minutes: fc.constantFrom(10, 20, 30),
    busy: fc.boolean(),
  });
  fc.assert(
    fc.property(
      fc.array(slot, { maxLength: 8 }),
      fc.option(fc.integer({ min: 1, max: 90 }), { nil: undefined }),
      fc.array(fc.nat(40), { maxLength: 4 }),
      (given, minutes, rows) => {
        let from = morning;
        const slots = given.map(({ gap, minutes: length, busy }, number) => {
          from += gap * 60_000;
          const made = {
            ...aSlot("s", new Date(from).toISOString(), length),
            id: String(number),
            ...(busy && { status: "busy" as const }),
          };
          from += length * 60_000;
          return made;
        });
        const taken = new Set(
          rows.map(
            (row) =>
              `${new Date(morning + row * 300_000).toISOString().slice(0, 16)}Z`,
          ),
        );
        for (const time of freeTimes(slots, minutes, (bucket) =>
          taken.has(bucket),
        )) {
          expect(time.slots.every(({ status }) => status === "free")).toBe(
            true,
          );
          expect(
            Date.parse(time.end) - Date.parse(time.start),
          ).toBeGreaterThanOrEqual((minutes ?? 0) * 60_000);
          for (const [index, { start }] of time.slots.entries())
            if (index > 0) expect(start).toBe(time.slots[index - 1]?.end);
          for (const row of taken)
            expect(
              Date.parse(row) + 300_000 <= Date.parse(time.start) ||
                Date.parse(row) >= Date.parse(time.end),
            ).toBe(true);
        }
        if (minutes === undefined && taken.size === 0)
          expect(freeTimes(slots, minutes, () => false)).toHaveLength(
            given.filter(({ busy }) => !busy).length,
          );
      },
    ),
  );
});
