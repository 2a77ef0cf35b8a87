import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseExact } from "../../functions/resources/exact-json.ts";
import { equal } from "../../functions/store/equal.ts";

const reversed = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([name, inner]) => [name, reversed(inner)]),
  );
};

describe("equal", () => {
  it("does not mind the order of properties", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => equal(value, reversed(value))),
    );
  });

  it("tells apart what JSON tells apart", () => {
    const text = (value: unknown) => JSON.stringify(sorted(value));
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (one, other) => {
        expect(equal(one, other)).toBe(text(one) === text(other));
      }),
    );
  });

  it.each([
    [[], {}],
    [{ a: 1 }, { a: 1, b: null }],
    [[1, 2], [1]],
    [{ a: [] }, { a: {} }],
    [1, "1"],
    [null, undefined],
  ])("finds a difference in %j and %j", (one, other) => {
    expect(equal(one, other)).toBe(false);
    expect(equal(other, one)).toBe(false);
  });

  it.each(["1.0", "1.00", "1e0"])("tells %s from 1", (text) => {
    const [one, other] = [parseExact(`{"a":${text}}`), { a: 1 }];
    expect(equal(one, other)).toBe(false);
    expect(equal(other, one)).toBe(false);
    expect(equal(one, parseExact(`{"a":${text}}`))).toBe(true);
  });

  it("takes undefined for absent", () => {
    expect(equal({ a: 1, b: undefined }, { a: 1 })).toBe(true);
  });
});

const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([name, inner]) => [name, sorted(inner)]),
  );
};
