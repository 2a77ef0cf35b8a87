import { writtenIn } from "../resources/exact-json.ts";

/**
 * Whether two JSON values say the same: the order of properties does not matter, `undefined` is as good as absent, and
 * 1.0 says more than 1.
 */
export const equal = (one: unknown, other: unknown): boolean => {
  if (one === other) return true;
  if (!isObject(one) || !isObject(other)) return false;
  if (Array.isArray(one) !== Array.isArray(other)) return false;
  const names = new Set([...Object.keys(one), ...Object.keys(other)]);
  for (const name of names)
    if (
      !equal(one[name], other[name]) ||
      (typeof one[name] === "number" &&
        writtenIn(one, name) !== writtenIn(other, name))
    )
      return false;
  return true;
};

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null;
