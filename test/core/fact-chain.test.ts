import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  beginningOf,
  canonical,
  chained,
  linesOf,
  ordered,
  readLine,
} from "../../functions/core/fact-chain.ts";

const values = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    fc.string({ unit: "binary" }),
    fc.integer(),
    fc.boolean(),
    fc.uint8Array({ maxLength: 8 }),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(fc.string({ maxLength: 4 }), tie("value"), { maxKeys: 4 }),
  ),
})).value;

const shuffledNames = (value: unknown): unknown => {
  if (
    typeof value !== "object" ||
    value === null ||
    value instanceof Uint8Array
  )
    return value;
  if (Array.isArray(value)) return value.map(shuffledNames);
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([name, member]) => [name, shuffledNames(member)]),
  );
};

const facts = fc
  .array(
    fc.record({
      at: fc
        .integer({ min: 0, max: 5 })
        .map((second) => `2026-03-02T15:00:0${second}.000Z`),
      sk: fc.integer({ min: 0, max: 9 }).map((id) => `F#${id}`),
      by: fc.constantFrom("staff:a", "staff:b"),
    }),
    { minLength: 1, maxLength: 12 },
  )
  .map((list) => list.map((fact) => readLine(canonical(fact))));

const headOf = (lines: Parameters<typeof chained>[1]): string =>
  chained(beginningOf("demo"), lines).at(-1)?.hash ?? "";

describe("canonical JSON", () => {
  it("is the same for the same values in any order, and reads back as them", () =>
    fc.assert(
      fc.property(values, (value) => {
        const text = canonical(value);
        expect(canonical(shuffledNames(value))).toBe(text);
        expect(text).not.toContain("\n");
        expect(canonical(JSON.parse(text))).toBe(text);
      }),
    ));

  it("keeps bytes as base64 and leaves out what is not there", () =>
    expect(
      canonical({ b: new Uint8Array([1, 2]), a: undefined, c: [null] }),
    ).toBe('{"b":{"bytes":"AQI="},"c":[null]}'));
});

describe("a chain", () => {
  it("is the same however its facts arrive, and however often", () =>
    fc.assert(
      fc.property(facts, fc.infiniteStream(fc.nat(11)), (lines, picks) => {
        const again = [...lines];
        for (const pick of picks.take(6)) {
          const line = lines[pick % lines.length];
          if (line !== undefined) again.splice(pick, 0, line);
        }
        expect(chained("00", ordered(again.reverse()))).toEqual(
          chained("00", ordered(lines)),
        );
      }),
    ));

  it("ends otherwise when a fact is changed, missing, added or moved", () =>
    fc.assert(
      fc.property(facts, fc.nat(), (given, pick) => {
        const lines = ordered(given);
        const head = headOf(lines);
        const at = pick % lines.length;
        const other = readLine(canonical({ at: "x", sk: "F#other" }));
        expect(headOf(lines.toSpliced(at, 1))).not.toBe(head);
        expect(headOf(lines.toSpliced(at, 1, other))).not.toBe(head);
        expect(headOf(lines.toSpliced(at, 0, other))).not.toBe(head);
        const [line] = lines;
        if (lines.length > 1 && line !== undefined)
          expect(headOf([...lines.slice(1), line])).not.toBe(head);
      }),
    ));

  it("takes what is no fact as it is, before all facts", () => {
    const body = Buffer.from('{"at":"2026","sk":"F#1"}\nnot json\n{"sk":7}\n');
    expect(ordered(linesOf(body)).map(({ id }) => id)).toEqual(["", "", "1"]);
  });
});
