import type { Money, Quantity } from "@medplum/fhirtypes";
import type { Found } from "./extract.ts";
import type { Unit, Value } from "./query.ts";

type Asked = Extract<Value, { kind: "number" }>;

/** The number of a value; a quantity with a comparator is open on one side. */
const numbersOf = ({
  datatype,
  value,
}: Found): { readonly least: number; readonly most: number } | undefined => {
  if (
    datatype === "integer" ||
    datatype === "decimal" ||
    datatype === "positiveInt" ||
    datatype === "unsignedInt"
  )
    return typeof value === "number"
      ? { least: value, most: value }
      : undefined;
  const { value: number, comparator = "" } = value as Quantity;
  if (typeof number !== "number") return undefined;
  return {
    least: comparator.startsWith("<") ? -Infinity : number,
    most: comparator.startsWith(">") ? Infinity : number,
  };
};

/** Units are compared, never converted; money's is its currency. */
const hasUnit = (unit: Unit | undefined, value: unknown): boolean => {
  if (!unit) return true;
  const { currency } = value as Money;
  const {
    system,
    code,
    unit: label,
  }: Quantity = currency === undefined
    ? (value as Quantity)
    : { system: "urn:iso:std:iso:4217", code: currency };
  return unit.system === undefined
    ? code === unit.code || label === unit.code
    : system === unit.system && code === unit.code;
};

export const matchesNumber = (asked: Asked, found: Found): boolean => {
  const own = numbersOf(found);
  if (!own || !hasUnit(asked.unit, found.value)) return false;
  const equals = asked.from <= own.least && own.most < asked.to;
  switch (asked.prefix) {
    case "eq":
      return equals;
    case "ne":
      return !equals;
    case "gt":
      return own.most > asked.number;
    case "lt":
      return own.least < asked.number;
    case "ge":
      return own.most >= asked.number;
    case "le":
      return own.least <= asked.number;
    case "sa":
      return own.least > asked.number;
    case "eb":
      return own.most < asked.number;
    case "ap": {
      const margin = Math.max(
        Math.abs(asked.number) / 10,
        asked.to - asked.number,
      );
      return (
        own.least <= asked.number + margin && own.most >= asked.number - margin
      );
    }
  }
};

/** What a number sorts by. */
export const numberOf = (found: Found): number | undefined =>
  numbersOf(found)?.least;
