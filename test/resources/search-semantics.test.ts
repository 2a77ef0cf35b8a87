import type { Observation } from "@medplum/fhirtypes";
import fc from "fast-check";
import { expect, test } from "vitest";
import { parseSearch } from "../../functions/resources/search.ts";
import { matches } from "../../functions/resources/search/match.ts";
import {
  compare,
  comparePlaces,
  placeOf,
} from "../../functions/resources/search/sort.ts";
import { loadTables } from "../../functions/resources/search/tables.ts";

await loadTables(["Observation"]);

const prefixes = [
  "eq",
  "ne",
  "gt",
  "lt",
  "ge",
  "le",
  "sa",
  "eb",
  "ap",
] as const;

const finds = (
  observation: Partial<Observation>,
  ...params: readonly (readonly [string, string])[]
): boolean =>
  matches(parseSearch("Observation", params, { strict: true }), {
    resourceType: "Observation",
    status: "final",
    code: {},
    ...observation,
  });

const start = Date.UTC(2024, 0, 1);
const dayOf = (number: number): string =>
  new Date(start + number * 86_400_000).toISOString().slice(0, 10);
/** Days of two years: the oracle counts them out one by one. */
const horizon = Array.from({ length: 731 }, (_, day) => day);
const aDay = fc.integer({ min: 0, max: 730 });

test("date prefixes say what counting the days says", () => {
  fc.assert(
    fc.property(
      fc.tuple(aDay, aDay).map((days) => days.toSorted((a, b) => a - b)),
      fc.constantFrom("day", "period", "from", "until"),
      aDay,
      fc.constantFrom(4, 7, 10),
      fc.constantFrom(...prefixes),
      ([first = 0, last = 0], shape, askedDay, precision, prefix) => {
        const own = horizon.filter(
          (day) =>
            (shape === "until" || day >= first) &&
            (shape === "from" || day <= (shape === "day" ? first : last)),
        );
        const text = dayOf(askedDay).slice(0, precision);
        const asked = horizon.filter((day) => dayOf(day).startsWith(text));
        const [least, most] = [asked[0] ?? 0, asked.at(-1) ?? 0];
        const endless = shape === "from" || shape === "until";
        const covered = own.every((day) => asked.includes(day)) && !endless;
        const after = own.some((day) => day > most) || shape === "from";
        const before = own.some((day) => day < least) || shape === "until";
        const about = own.some(
          (day) => day >= least - asked.length && day <= most + asked.length,
        );
        const expected = {
          eq: covered,
          ne: !covered,
          gt: after,
          lt: before,
          ge: after || covered,
          le: before || covered,
          sa: own.every((day) => day > most) && shape !== "until",
          eb: own.every((day) => day < least) && shape !== "from",
          ap: about,
        }[prefix];
        const effective: Partial<Observation> =
          shape === "day"
            ? { effectiveDateTime: dayOf(first) }
            : {
                effectivePeriod: {
                  ...(shape !== "until" && { start: dayOf(first) }),
                  ...(shape !== "from" && { end: dayOf(last) }),
                },
              };
        expect(finds(effective, ["date", `${prefix}${text}`])).toBe(expected);
      },
    ),
    { numRuns: 500 },
  );
});

test("number prefixes compare in hundredths as decimals round", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: -2000, max: 2000 }),
      fc.integer({ min: -200, max: 200 }),
      fc.constantFrom(0, 1),
      fc.constantFrom(...prefixes),
      (own, asked, decimals, prefix) => {
        // In hundredths: whole numbers stand for ±50, tenths for ±5.
        const [centre, half] =
          decimals === 0 ? [asked * 100, 50] : [asked * 10, 5];
        const text = (centre / 100).toFixed(decimals);
        const equal = centre - half <= own && own < centre + half;
        const expected = {
          eq: equal,
          ne: !equal,
          gt: own > centre,
          lt: own < centre,
          ge: own >= centre,
          le: own <= centre,
          sa: own > centre,
          eb: own < centre,
          ap: Math.abs(own - centre) <= Math.max(Math.abs(centre) / 10, half),
        }[prefix];
        fc.pre(prefix !== "ap" || !isClose(own, centre, half));
        expect(
          finds({ valueQuantity: { value: own / 100, unit: "kg" } }, [
            "value-quantity",
            `${prefix}${text}||kg`,
          ]),
        ).toBe(expected);
      },
    ),
    { numRuns: 500 },
  );
});

/** At the very edge of `about` binary fractions decide. */
const isClose = (own: number, centre: number, half: number): boolean =>
  Math.abs(Math.abs(own - centre) - Math.max(Math.abs(centre) / 10, half)) <
  0.01;

const aCode = fc.record({
  system: fc.constantFrom("urn:a", "urn:b", undefined),
  code: fc.constantFrom("1", "2", undefined),
  display: fc.constantFrom("Body weight", "Heart rate", undefined),
});

test("tokens and their modifiers say what a plain comparison says", () => {
  fc.assert(
    fc.property(
      fc.array(aCode, { maxLength: 3 }),
      fc.constantFrom("urn:a|1", "1", "|2", "urn:b|", "urn:a|2,1"),
      (codings, asked) => {
        const category = codings.map((coding) => ({
          coding: [JSON.parse(JSON.stringify(coding)) as object],
        }));
        const observation = { ...(category.length > 0 && { category }) };
        const found = codings.some(({ system = "", code }) =>
          asked.split(",").some((one) => {
            const [left = "", right] = one.split("|");
            if (right === undefined) return code === left;
            return (
              system === left &&
              (right === "" ? code !== undefined : code === right)
            );
          }),
        );
        expect(finds(observation, ["category", asked])).toBe(found);
        expect(finds(observation, ["category:not", asked])).toBe(!found);
        for (const missing of [true, false])
          expect(
            finds(observation, ["category:missing", String(missing)]),
          ).toBe(missing === (codings.length === 0));
        for (const [text, display] of [
          ["weight", "Body weight"],
          ["body WEI", "Body weight"],
          ["heart", "Heart rate"],
          ["eart", undefined],
        ] as const)
          expect(finds(observation, ["category:text", text])).toBe(
            display !== undefined &&
              codings.some((coding) => coding.display === display),
          );
      },
    ),
  );
});

const letters = fc.string({
  unit: fc.constantFrom("a", "b", "A", "é", "e", " "),
  maxLength: 5,
});
const plain = (text: string): string =>
  text.replaceAll("é", "e").toLowerCase().replace(/\s+/g, " ").trim();

test("strings and their modifiers say what a plain comparison says", () => {
  fc.assert(
    fc.property(letters, letters, (own, asked) => {
      fc.pre(plain(own) !== "" && plain(asked) !== "");
      const observation = { valueString: own };
      expect(finds(observation, ["value-string", asked])).toBe(
        plain(own).startsWith(plain(asked)),
      );
      expect(finds(observation, ["value-string:contains", asked])).toBe(
        plain(own).includes(plain(asked)),
      );
      expect(finds(observation, ["value-string:exact", asked])).toBe(
        own === asked,
      );
    }),
  );
});

test("a page goes on behind any place in the order", () => {
  const query = parseSearch("Observation", [["_sort", "-date,code"]], {
    strict: true,
  });
  fc.assert(
    fc.property(
      fc.uniqueArray(
        fc.record({
          id: fc.integer({ min: 0, max: 99 }).map((id) => `o${id}`),
          day: fc.option(aDay, { nil: undefined }),
          code: fc.constantFrom("a", "b", undefined),
        }),
        { selector: ({ id }) => id },
      ),
      fc.nat(),
      (rows, at) => {
        const resources = rows.map(({ id, day, code }): Observation => ({
          resourceType: "Observation",
          id,
          status: "final",
          code: code === undefined ? {} : { coding: [{ code }] },
          ...(day !== undefined && { effectiveDateTime: dayOf(day) }),
        }));
        const sorted = resources.toSorted(compare(query));
        const index = at % (sorted.length + 1);
        const last = sorted[index - 1];
        const rest = resources
          .filter(
            (resource) =>
              last === undefined ||
              comparePlaces(
                query,
                placeOf(query, last),
                placeOf(query, resource),
              ) < 0,
          )
          .toSorted(compare(query));
        expect(rest).toEqual(sorted.slice(index));
      },
    ),
  );
});
