import type { Period, Timing } from "@medplum/fhirtypes";
import { rangeOf, type Range } from "../dates.ts";
import type { Found } from "./extract.ts";
import type { Value } from "./query.ts";

type Asked = Extract<Value, { kind: "date" }>;

const day = 86_400_000;

/** The stretch of time a value covers; what a period leaves open has no end. */
export const stretchOf = ({ datatype, value }: Found): Range | undefined => {
  if (datatype === "Period") return period(value as Period);
  if (datatype === "Timing") return timing(value as Timing);
  return typeof value === "string" ? rangeOf(value) : undefined;
};

const period = ({ start, end }: Period): Range | undefined => {
  const [from, to] = [
    start === undefined ? undefined : rangeOf(start),
    end === undefined ? undefined : rangeOf(end),
  ];
  return from || to
    ? { from: from?.from ?? -Infinity, to: to?.to ?? Infinity }
    : undefined;
};

const timing = ({ event = [], repeat }: Timing): Range | undefined => {
  const events = event.flatMap((each) => rangeOf(each) ?? []);
  const all = repeat?.boundsPeriod
    ? [...events, period(repeat.boundsPeriod)].filter(
        (each) => each !== undefined,
      )
    : events;
  return all.length === 0
    ? undefined
    : {
        from: Math.min(...all.map(({ from }) => from)),
        to: Math.max(...all.map(({ to }) => to)),
      };
};

/** R4 3.1.1.4.6, on ranges: `eq` when what is asked covers the whole value. */
export const matchesDate = (asked: Asked, found: Found): boolean => {
  const own = stretchOf(found);
  if (!own) return false;
  const covers = asked.from <= own.from && own.to <= asked.to;
  switch (asked.prefix) {
    case "eq":
      return covers;
    case "ne":
      return !covers;
    case "gt":
      return own.to > asked.to;
    case "lt":
      return own.from < asked.from;
    case "ge":
      return own.to > asked.to || covers;
    case "le":
      return own.from < asked.from || covers;
    case "sa":
      return own.from >= asked.to;
    case "eb":
      return own.to <= asked.from;
    case "ap": {
      // About: within as much again on either side, at least a day.
      const margin = Math.max(asked.to - asked.from, day);
      return own.from < asked.to + margin && own.to > asked.from - margin;
    }
  }
};
