/** Wall-clock times (`09:00`); `until` is excluded. */
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

/** Whether the wall clock of the zone is inside every week's hours; `time` in epoch milliseconds. */
export const mayContactAt = (
  time: number,
  zone: string,
  weeks: readonly Week[],
): boolean => {
  const local = wallClock(time, zone);
  const clock = new Date(local).toISOString().slice(11, 16);
  return weeks.every((week) => within(clock, week(weekdayOf(local))));
};

/** The first time from `time` on at which contact is allowed; undefined when there is none within a fortnight. */
export const nextOpening = (
  time: number,
  zone: string,
  weeks: readonly Week[],
): number | undefined => {
  if (mayContactAt(time, zone, weeks)) return time;
  const midnight = Math.floor(wallClock(time, zone) / day) * day;
  for (let ahead = 0; ahead <= 14; ahead += 1) {
    const opening = openings(midnight + ahead * day, zone, weeks).find(
      (candidate) => candidate > time && mayContactAt(candidate, zone, weeks),
    );
    if (opening !== undefined) return opening;
  }
  return undefined;
};

const day = 86_400_000;

/** Everything local is written as if it were UTC. */
const openings = (
  midnight: number,
  zone: string,
  weeks: readonly Week[],
): readonly number[] =>
  weeks
    .flatMap((week) => week(weekdayOf(midnight))?.from ?? [])
    .flatMap((from) => timesOf(midnight + minutesOf(from) * 60_000, zone))
    .sort((one, other) => one - other);

/** When a wall clock shows this: twice where it is set back over it; where it is set forward over it, as much later. */
const timesOf = (local: number, zone: string): readonly number[] => {
  const offsets = [local - day, local + day].map(
    (near) => wallClock(near, zone) - near,
  );
  const times = offsets.map((offset) => local - offset);
  const shown = times.filter((time) => wallClock(time, zone) === local);
  return shown.length > 0 ? [...new Set(shown)] : times.slice(0, 1);
};

const wallClock = (time: number, zone: string): number => {
  const parts = new Map(
    formatter(zone)
      .formatToParts(time)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const of = (type: Intl.DateTimeFormatPartTypes): number =>
    parts.get(type) ?? 0;
  const seconds = Date.UTC(
    of("year"),
    of("month") - 1,
    of("day"),
    of("hour"),
    of("minute"),
    of("second"),
  );
  return seconds + (((time % 1000) + 1000) % 1000);
};

const formatters = new Map<string, Intl.DateTimeFormat>();

/** Making one costs more than a hundred uses. */
const formatter = (zone: string): Intl.DateTimeFormat => {
  const made =
    formatters.get(zone) ??
    new Intl.DateTimeFormat("en-US", {
      timeZone: zone,
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
  if (formatters.size < 500) formatters.set(zone, made);
  return made;
};

const weekdayOf = (local: number): number => new Date(local).getUTCDay() || 7;

const minutesOf = (clock: string): number =>
  Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3, 5));

const within = (clock: string, hours: Hours | undefined): boolean => {
  if (hours === undefined) return false;
  const after = clock >= hours.from;
  const before = clock < hours.until;
  return hours.from <= hours.until ? after && before : after || before;
};
