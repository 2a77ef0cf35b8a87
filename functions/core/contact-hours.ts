import { Temporal } from "temporal-polyfill";

/** Wall-clock times; `until` is excluded. */
export interface Hours {
  readonly from: string;
  readonly until: string;
}

/** The hours of each ISO weekday (1 is Monday) in which contact is allowed; no entry, no contact that day. */
export type Week = (weekday: number) => Hours | undefined;

export const everyDay =
  (hours: Hours): Week =>
  () =>
    hours;

/** Whether the wall clock of the zone is inside every week's hours. */
export const mayContactAt = (
  instant: Temporal.Instant,
  zone: string,
  weeks: readonly Week[],
): boolean => {
  const local = instant.toZonedDateTimeISO(zone);
  return weeks.every((week) =>
    within(local.toPlainTime(), week(local.dayOfWeek)),
  );
};

/** The first instant from `instant` on at which contact is allowed; undefined when there is none within a fortnight. */
export const nextOpening = (
  instant: Temporal.Instant,
  zone: string,
  weeks: readonly Week[],
): Temporal.Instant | undefined => {
  if (mayContactAt(instant, zone, weeks)) return instant;
  const today = instant.toZonedDateTimeISO(zone).toPlainDate();
  for (let ahead = 0; ahead <= 14; ahead += 1) {
    const opening = openings(today.add({ days: ahead }), zone, weeks).find(
      (candidate) =>
        Temporal.Instant.compare(candidate, instant) > 0 &&
        mayContactAt(candidate, zone, weeks),
    );
    if (opening !== undefined) return opening;
  }
  return undefined;
};

/** A wall time that a clock change repeats opens twice. */
const openings = (
  date: Temporal.PlainDate,
  zone: string,
  weeks: readonly Week[],
): Temporal.Instant[] =>
  weeks
    .flatMap((week) => week(date.dayOfWeek)?.from ?? [])
    .map((from) => date.toPlainDateTime(Temporal.PlainTime.from(from)))
    .flatMap((local) =>
      (["earlier", "later"] as const).map((disambiguation) =>
        local.toZonedDateTime(zone, { disambiguation }).toInstant(),
      ),
    )
    .sort((one, other) => Temporal.Instant.compare(one, other));

const within = (
  time: Temporal.PlainTime,
  hours: Hours | undefined,
): boolean => {
  if (hours === undefined) return false;
  const after = Temporal.PlainTime.compare(time, hours.from) >= 0;
  const before = Temporal.PlainTime.compare(time, hours.until) < 0;
  return hours.from <= hours.until ? after && before : after || before;
};
