import { Temporal } from "temporal-polyfill";

type Day = Temporal.PlainDate;

/** 5 U.S.C. 6103(a): dates of a month, or the nth weekday of one (1 is Monday; -1 is the last). */
const holidays: readonly (
  | { readonly month: number; readonly day: number; readonly since?: number }
  | {
      readonly month: number;
      readonly weekday: number;
      readonly nth: number;
    }
)[] = [
  { month: 1, day: 1 },
  { month: 1, weekday: 1, nth: 3 },
  { month: 2, weekday: 1, nth: 3 },
  { month: 5, weekday: 1, nth: -1 },
  { month: 6, day: 19, since: 2021 },
  { month: 7, day: 4 },
  { month: 9, weekday: 1, nth: 1 },
  { month: 10, weekday: 1, nth: 2 },
  { month: 11, day: 11 },
  { month: 11, weekday: 4, nth: 4 },
  { month: 12, day: 25 },
];

const [saturday, sunday] = [6, 7];

/** Days on which federal offices are closed for a holiday of this year: a Saturday's is kept on Friday, a Sunday's on Monday (5 U.S.C. 6103(b); Executive Order 11582). */
export const federalHolidays = (year: number): readonly Day[] =>
  holidays.flatMap((holiday) => {
    if ("nth" in holiday) return [nthWeekday(year, holiday)];
    const { month, day, since = 0 } = holiday;
    return year < since
      ? []
      : [observed(new Temporal.PlainDate(year, month, day))];
  });

const observed = (day: Day): Day =>
  day.add({
    days: day.dayOfWeek === saturday ? -1 : day.dayOfWeek === sunday ? 1 : 0,
  });

const nthWeekday = (
  year: number,
  { month, weekday, nth }: { month: number; weekday: number; nth: number },
): Day => {
  const first = new Temporal.PlainDate(year, month, 1);
  const found = first.add({ days: (weekday - first.dayOfWeek + 7) % 7 });
  const count = Math.floor((first.daysInMonth - found.day) / 7);
  return found.add({ weeks: nth > 0 ? nth - 1 : count + nth + 1 });
};

export const isWeekend = (day: Day): boolean => day.dayOfWeek >= saturday;

/** New Year's Day may be kept in the year before. */
export const isBusinessDay = (day: Day): boolean =>
  !isWeekend(day) &&
  ![...federalHolidays(day.year), ...federalHolidays(day.year + 1)].some(
    (holiday) => holiday.equals(day),
  );

/** The last of so many business days after the day, which does not count itself. */
export const afterBusinessDays = (day: Day, count: number): Day => {
  let last = day;
  for (let left = count; left > 0; left -= isBusinessDay(last) ? 1 : 0)
    last = last.add({ days: 1 });
  return last;
};
