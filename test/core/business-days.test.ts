import fc from "fast-check";
import { Temporal } from "temporal-polyfill";
import { describe, expect, it } from "vitest";
import {
  afterBusinessDays,
  federalHolidays,
  isBusinessDay,
} from "../../functions/core/business-days.ts";

/** As the Office of Personnel Management publishes them. */
const published: Readonly<Record<number, string>> = {
  2026: "01-01 01-19 02-16 05-25 06-19 07-03 09-07 10-12 11-11 11-26 12-25",
  2027: "01-01 01-18 02-15 05-31 06-18 07-05 09-06 10-11 11-11 11-25 12-24",
  2028: "01-17 02-21 05-29 06-19 07-04 09-04 10-09 11-10 11-23 12-25",
  2029: "01-01 01-15 02-19 05-28 06-19 07-04 09-03 10-08 11-12 11-22 12-25",
  2030: "01-01 01-21 02-18 05-27 06-19 07-04 09-02 10-14 11-11 11-28 12-25",
};
/** New Year's Day of 2028 is a Saturday. */
const keptTheYearBefore = "2027-12-31";

const closed = new Set([
  keptTheYearBefore,
  ...Object.entries(published).flatMap(([year, days]) =>
    days.split(" ").map((day) => `${year}-${day}`),
  ),
]);

describe("federal holidays", () => {
  it("are those that are published, year by year", () => {
    for (const [year, days] of Object.entries(published))
      expect(
        federalHolidays(Number(year))
          .map((day) => day.toString())
          .filter((day) => day.startsWith(year))
          .map((day) => day.slice(5)),
        year,
      ).toEqual(days.split(" "));
    expect(federalHolidays(2028).map((day) => day.toString())).toContain(
      keptTheYearBefore,
    );
  });

  it("knew no Juneteenth before 2021", () => {
    expect(federalHolidays(2020)).toHaveLength(10);
    expect(federalHolidays(2021)).toHaveLength(11);
  });
});

describe("business days", () => {
  const first = Date.UTC(2026, 0, 1);
  const days = fc.integer({ min: 0, max: 1700 });

  it("are neither weekends nor published holidays", () => {
    for (let ahead = 0; ahead < 1800; ahead += 1) {
      const date = new Date(first + ahead * 86_400_000);
      const day = date.toISOString().slice(0, 10);
      const weekend = [0, 6].includes(date.getUTCDay());
      expect(isBusinessDay(Temporal.PlainDate.from(day)), day).toBe(
        !weekend && !closed.has(day),
      );
    }
  });

  it("count as somebody counts on a calendar", () => {
    fc.assert(
      fc.property(days, fc.integer({ min: 1, max: 60 }), (start, count) => {
        let date = new Date(first + start * 86_400_000);
        const from = date.toISOString().slice(0, 10);
        for (let left = count; left > 0;) {
          date = new Date(date.getTime() + 86_400_000);
          const day = date.toISOString().slice(0, 10);
          if (![0, 6].includes(date.getUTCDay()) && !closed.has(day)) left -= 1;
        }
        expect(
          afterBusinessDays(Temporal.PlainDate.from(from), count).toString(),
        ).toBe(date.toISOString().slice(0, 10));
      }),
    );
  });
});
