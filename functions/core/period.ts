import type { Period } from "@medplum/fhirtypes";
import { rangeOf } from "../resources/dates.ts";

/**
 * Whether a period holds now, both ends included: a day, month or year without a time is all of it as the zone's calendar
 * has it. Undefined when an end of it is no date.
 */
export const isDuring = (
  { start, end }: Period,
  now: string,
  zone: string,
): boolean | undefined => {
  const begun = start === undefined || hasBegun(start, now, zone);
  const over = end !== undefined && isOver(end, now, zone);
  if (begun === undefined || over === undefined) return undefined;
  return begun && !over;
};

const hasBegun = (
  start: string,
  now: string,
  zone: string,
): boolean | undefined => {
  const range = rangeOf(start);
  if (range === undefined) return undefined;
  return start.includes("T")
    ? range.from <= Date.parse(now)
    : start <= dayIn(zone, now).slice(0, start.length);
};

/** Whether all of a date is past. */
export const isOver = (
  end: string,
  now: string,
  zone: string,
): boolean | undefined => {
  const range = rangeOf(end, true);
  if (range === undefined) return undefined;
  return end.includes("T")
    ? range.to <= Date.parse(now)
    : end < dayIn(zone, now).slice(0, end.length);
};

const formats = new Map<string, Intl.DateTimeFormat>();

/** The calendar day (`2026-05-31`) that it is in the zone. */
export const dayIn = (zone: string, now: string): string => {
  if (zone === "UTC") return new Date(now).toISOString().slice(0, 10);
  const format =
    formats.get(zone) ??
    new Intl.DateTimeFormat("en-CA", {
      timeZone: zone,
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
    });
  if (formats.size < 1000) formats.set(zone, format);
  return format.format(Date.parse(now));
};
