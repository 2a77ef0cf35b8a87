type Reviver = (
  key: string,
  value: unknown,
  context: { readonly source?: string },
) => unknown;

const mark = "\u0000";

/** JSON in which every number is the text that it was written as: 1.0 is not 1. */
export const readExactly = (text: string): unknown =>
  (JSON.parse as (text: string, reviver: Reviver) => unknown)(
    text,
    (_key, value, { source = "" }) =>
      typeof value === "number" ? `${mark}${source}` : value,
  );

/** The text of what was read exactly, its numbers as they were. */
export const writeExactly = (value: unknown): string =>
  JSON.stringify(value).replaceAll(/"\\u0000([^"]*)"/gu, "$1");

export type Json = Record<string, unknown>;

export const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export interface Difference {
  readonly path: string;
  /** `precision`: the same number, written otherwise; `blanks`: the same base64, without the blanks that R4 allows in it. */
  readonly kind: "value" | "precision" | "blanks";
}

/** Where two values that were read exactly differ. */
export const differences = (
  one: unknown,
  other: unknown,
  path = "",
): readonly Difference[] => {
  if (Object.is(one, other)) return [];
  if (isObject(one) && isObject(other))
    return [...new Set([...Object.keys(one), ...Object.keys(other)])].flatMap(
      (key) =>
        differences(one[key], other[key], path === "" ? key : `${path}.${key}`),
    );
  if (Array.isArray(one) && Array.isArray(other))
    return Array.from({ length: Math.max(one.length, other.length) }).flatMap(
      (_, index) =>
        differences(one[index], other[index], `${path}[${String(index)}]`),
    );
  return [{ path, kind: kindOf(one, other) }];
};

const kindOf = (one: unknown, other: unknown): Difference["kind"] => {
  if (isSameNumber(one, other)) return "precision";
  return typeof one === "string" && one.replaceAll(/\s/gu, "") === other
    ? "blanks"
    : "value";
};

const isSameNumber = (one: unknown, other: unknown): boolean => {
  const [first, second] = [numberIn(one), numberIn(other)];
  return first !== undefined && first === second;
};

const numberIn = (value: unknown): number | undefined =>
  typeof value === "string" && value.startsWith(mark)
    ? Number(value.slice(mark.length))
    : undefined;
