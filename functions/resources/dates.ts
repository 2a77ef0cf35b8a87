/** Milliseconds since 1970, `to` exclusive: a date of any precision is the stretch of time that it names. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

const pattern =
  /^(?<year>\d{4})(?:-(?<month>\d\d)(?:-(?<day>\d\d)(?:T(?<hour>\d\d):(?<minute>\d\d)(?::(?<second>\d\d)(?:\.(?<fraction>\d+))?)?(?<zone>Z|[+-]\d\d:\d\d)?)?)?)?$/u;

/**
 * The stretch of time a date, dateTime or instant names; undefined for what is none. Without a zone it is UTC. Seconds
 * without a fraction are that very moment, unless `asked`: a search for a second means all of it.
 */
export const rangeOf = (text: string, asked = false): Range | undefined => {
  const parts = pattern.exec(text)?.groups;
  if (!parts) return undefined;
  const { year, month, day, hour, minute, second, fraction, zone } = parts;
  const [y, m, d] = [Number(year), Number(month ?? 1) - 1, Number(day ?? 1)];
  if (
    !isDate(y, m, d) ||
    Number(hour ?? 0) > 23 ||
    Number(minute ?? 0) > 59 ||
    Number(second ?? 0) > 60
  )
    return undefined;
  if (hour === undefined)
    return { from: utc(y, m, d), to: dateEnd(y, m, d, month, day) };
  const milliseconds = Number((fraction ?? "").padEnd(3, "0").slice(0, 3));
  const from =
    utc(y, m, d) +
    Number(hour) * 3_600_000 +
    Number(minute) * 60_000 +
    Number(second ?? 0) * 1000 +
    milliseconds -
    offset(zone);
  return { from, to: from + width(second, fraction, asked) };
};

const dateEnd = (
  y: number,
  m: number,
  d: number,
  month: string | undefined,
  day: string | undefined,
): number => {
  if (month === undefined) return utc(y + 1, 0, 1);
  return day === undefined ? utc(y, m + 1, 1) : utc(y, m, d + 1);
};

const width = (
  second: string | undefined,
  fraction: string | undefined,
  asked: boolean,
): number => {
  if (second === undefined) return 60_000;
  if (fraction === undefined) return asked ? 1000 : 1;
  return 10 ** Math.max(0, 3 - fraction.length);
};

const offset = (zone: string | undefined): number => {
  if (zone === undefined || zone === "Z") return 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(4));
  return (zone.startsWith("-") ? -minutes : minutes) * 60_000;
};

/** Date.UTC reads the years 0 to 99 as 1900 to 1999. */
const utc = (year: number, month: number, day: number): number =>
  new Date(0).setUTCFullYear(year, month, day);

const isDate = (year: number, month: number, day: number): boolean => {
  const date = new Date(utc(year, month, day));
  return year > 0 && date.getUTCMonth() === month && date.getUTCDate() === day;
};
