import type { Filter, Value } from "../../resources/search/query.ts";
import { scheduleOf, slotsFrom } from "../keys.ts";
import type { Stretch } from "./reader.ts";

const dayLength = 86_400_000;
const mostDays = 31;

/** The days that all values of a date parameter leave, `YYYY-MM-DD`; undefined for more than 31. */
export const daysAsked = (
  filter: Filter,
  parameter: string,
): readonly string[] | undefined => {
  const [from, to] = stretchAsked(filter, parameter);
  if (!(to - from <= mostDays * dayLength)) return undefined;
  const days: string[] = [];
  for (let day = Math.floor(from / dayLength); day * dayLength <= to; day += 1)
    days.push(new Date(day * dayLength).toISOString().slice(0, 10));
  return days;
};

/** Every one must hold, each by one of its values. */
const stretchAsked = (
  { criteria }: Filter,
  name: string,
): readonly [number, number] =>
  criteria
    .filter(
      ({ parameter, modifier }) =>
        parameter.name === name && modifier === undefined,
    )
    .map(({ values }) => values.map(stretchOf))
    .map((stretches): readonly [number, number] => [
      Math.min(...stretches.map(([from]) => from)),
      Math.max(...stretches.map(([, to]) => to)),
    ])
    .reduce(
      ([from, to], [after, before]) => [
        Math.max(from, after),
        Math.min(to, before),
      ],
      [-Infinity, Infinity],
    );

const stretchOf = (value: Value): readonly [number, number] => {
  if (value.kind !== "date") return [-Infinity, Infinity];
  const { prefix, from, to } = value;
  if (prefix === "eq") return [from, to];
  if (prefix === "ge" || prefix === "gt" || prefix === "sa")
    return [from, Infinity];
  if (prefix === "le" || prefix === "lt" || prefix === "eb")
    return [-Infinity, to];
  return [-Infinity, Infinity];
};

/** Slots of the schedules asked for that start in the time asked for: their keys hold the start. */
export const slotStretches = (
  filter: Filter,
): readonly Stretch[] | undefined => {
  const asked = filter.criteria.find(
    ({ parameter, modifier }) =>
      parameter.name === "schedule" && modifier === undefined,
  );
  const [from, to] = stretchAsked(filter, "start");
  const between: readonly [string, string] = [
    Number.isFinite(from) ? slotsFrom(new Date(from).toISOString()) : "Slot#",
    `${Number.isFinite(to) ? slotsFrom(new Date(to).toISOString()) : "Slot#"}~`,
  ];
  return asked?.values
    .flatMap((value) => (value.kind === "reference" ? value.id : []))
    .filter((id, index, ids) => ids.indexOf(id) === index)
    .toSorted()
    .map((id) => ({ type: filter.type, pk: scheduleOf(id), between }));
};
