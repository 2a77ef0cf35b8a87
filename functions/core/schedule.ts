import { Temporal } from "temporal-polyfill";
import type { Slot } from "@medplum/fhirtypes";
import { Fault } from "./fault.ts";

export interface Window {
  readonly from: string;
  readonly until: string;
}

const longestDays = 31;

/**
 * The search window as UTC instants. A bound is an instant, or a local date: then it is that whole day on the wall clock
 * of the place, which on a day of the change to or from daylight saving has 23 or 25 hours. Throws 400.
 */
export const windowOf = (
  start: string,
  end: string,
  timeZone: string,
): Window => {
  const from = bound(start, timeZone, "start");
  const until = bound(end, timeZone, "end");
  if (until <= from)
    throw new Fault("InvalidRequest", 400, "end must be after start.", {
      expression: ["end"],
    });
  if (until - from > (longestDays * 24 + 1) * 3_600_000)
    throw new Fault(
      "InvalidRequest",
      400,
      `Ask for at most ${String(longestDays)} days at once.`,
      { expression: ["end"] },
    );
  return {
    from: new Date(from).toISOString(),
    until: new Date(until).toISOString(),
  };
};

const bound = (
  text: string,
  timeZone: string,
  name: "start" | "end",
): number => {
  try {
    if (!/^\d{4}-\d{2}-\d{2}$/.test(text))
      return Temporal.Instant.from(text).epochMilliseconds;
    const day = Temporal.PlainDate.from(text);
    return (name === "start" ? day : day.add({ days: 1 })).toZonedDateTime(
      timeZone,
    ).epochMilliseconds;
  } catch {
    throw new Fault(
      "InvalidRequest",
      400,
      `${name} must be a date or an instant with its offset.`,
      { expression: [name] },
    );
  }
};

/** An instant as the place's wall clock shows it, with the offset of that day: `2026-11-24T09:30:00-05:00`. */
export const localInstant = (instant: string, timeZone: string): string =>
  Temporal.Instant.from(instant)
    .toZonedDateTimeISO(timeZone)
    .toString({ timeZoneName: "never", smallestUnit: "second" });

export interface FreeTime<S extends Slot = Slot> {
  readonly slots: readonly S[];
  readonly start: string;
  readonly end: string;
}

/**
 * Stretches of at least `minutes` that begin at a slot: one slot, or several that follow each other without a gap.
 * `isTaken` says whether the five minutes from an instant are already full for someone who is needed.
 */
export const freeTimes = <S extends Slot>(
  slots: readonly S[],
  minutes: number | undefined,
  isTaken: (bucket: string) => boolean,
): readonly FreeTime<S>[] => {
  const free = slots
    .filter(
      ({ status, start, end }) =>
        status === "free" && !buckets(start, end).some(isTaken),
    )
    .toSorted((one, other) => Date.parse(one.start) - Date.parse(other.start));
  return free.flatMap((first, index) => {
    const run = [first];
    const wanted =
      minutes === undefined ? 0 : Date.parse(first.start) + minutes * 60_000;
    for (
      let next = index + 1;
      Date.parse(run.at(-1)?.end ?? first.end) < wanted;
      next += 1
    ) {
      const slot = free[next];
      if (
        slot === undefined ||
        Date.parse(slot.start) !== Date.parse(run.at(-1)?.end ?? "")
      )
        return [];
      run.push(slot);
    }
    return [
      { slots: run, start: first.start, end: run.at(-1)?.end ?? first.end },
    ];
  });
};

const width = 300_000;

const buckets = (from: string, until: string): readonly string[] => {
  const first = Math.floor(Date.parse(from) / width);
  return Array.from(
    { length: Math.ceil(Date.parse(until) / width) - first },
    (_, index) =>
      `${new Date((first + index) * width).toISOString().slice(0, 16)}Z`,
  );
};
