import { Temporal } from "temporal-polyfill";

/** A stretch of time as FHIR writes it: with the offset that the place has at that time. */
export interface Stretch {
  readonly start: string;
  readonly end: string;
}

const openings = [
  { from: 9 * 60, until: 12 * 60 },
  { from: 13 * 60, until: 17 * 60 },
] as const;

/**
 * The opening hours of a place, cut into visits, on the working days after `today` (a calendar date there). Wall time
 * decides, so a day with a change of the clocks has the same hours as any other.
 */
export const visits = ({
  today,
  days,
  zone,
  minutes,
}: {
  today: string;
  days: number;
  zone: string;
  minutes: number;
}): readonly Stretch[] =>
  Array.from({ length: days }, (_, index) =>
    Temporal.PlainDate.from(today).add({ days: index + 1 }),
  )
    .filter(({ dayOfWeek }) => dayOfWeek <= 5)
    .flatMap((day) =>
      openings.flatMap(({ from, until }) =>
        Array.from(
          { length: Math.floor((until - from) / minutes) },
          (_, index) => {
            const at = (minute: number) => instant(day, minute, zone);
            return {
              start: at(from + index * minutes),
              end: at(from + (index + 1) * minutes),
            };
          },
        ),
      ),
    );

const instant = (
  day: Temporal.PlainDate,
  minute: number,
  zone: string,
): string =>
  day
    .toZonedDateTime({
      timeZone: zone,
      plainTime: new Temporal.PlainTime(Math.floor(minute / 60), minute % 60),
    })
    .toString({ timeZoneName: "never", smallestUnit: "second" });
