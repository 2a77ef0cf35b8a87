import type { Patient } from "@medplum/fhirtypes";
import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { matchPatients } from "../../functions/core/match.ts";
import { isNear } from "../../functions/core/match-distance.ts";
import { fields } from "../../functions/core/match-fields.ts";
import { grades, matchRules } from "../../functions/core/match-rules.ts";
import {
  aPerson,
  member,
  mrn,
  patients,
  ssn,
  terms,
} from "./match-builders.ts";

const match = (one: Patient, other: Patient) =>
  matchPatients(one, other, terms);

/** The same person without a record number, as another clinic sends them. */
const { identifier: _own, ...sent } = aPerson();
const changed = (change: Partial<Patient>) =>
  match(aPerson(), { ...sent, ...change });

const without = (...names: readonly (keyof Patient)[]): Patient =>
  Object.fromEntries(
    Object.entries(sent).filter(
      ([name]) => !names.includes(name as keyof Patient),
    ),
  ) as unknown as Patient;

const named = (
  family: string,
  ...given: readonly string[]
): Partial<Patient> => ({
  name: [{ family, given: [...given] }],
});

describe("one person", () => {
  it("is certain when name, birth date and phone agree, and the answer says why", () => {
    expect(match(aPerson(), without("gender", "address"))).toEqual({
      grade: "certain",
      score: 0.97,
      rule: "name+birthdate+phone",
      agreed: ["given", "family", "birthdate", "phone", "email"],
      fuzzy: [],
      disagreed: [],
      missing: ["identifier", "gender", "address"],
    });
  });

  test.each<[string, Partial<Patient>]>([
    ["case and diacritics", named("CASTELLÁNOS", "Märisol")],
    ["a letter mistyped in the family name", named("Castelanos", "Marisol")],
    ["neighbours swapped in the family name", named("Castellaons", "Marisol")],
    ["name order", named("Marisol Elena", "Castellanos")],
    ["a second family name", named("Castellanos-Ruiz", "Marisol")],
    ["a middle initial", named("Castellanos", "Marisol", "E.")],
    ["a name in one text", { name: [{ text: "Castellanos, Marisol" }] }],
    [
      "an old name among others",
      {
        name: [
          { family: "Norwood", given: ["Marisol"] },
          { use: "old", family: "Castellanos", given: ["Marisol"] },
        ],
      },
    ],
    ["day and month of birth swapped", { birthDate: "1980-11-02" }],
    ["a digit of the birth date mistyped", { birthDate: "1981-02-11" }],
    [
      "another way to write the phone",
      { telecom: [{ system: "sms", value: "+1 303 867 5309" }] },
    ],
    [
      "another way to write the address",
      {
        telecom: [],
        address: [
          { line: ["12 N. Main St., Unit 4"], postalCode: "80203-0001" },
        ],
      },
    ],
  ])("stays certain in spite of %s", (_, change) => {
    expect(changed(change).grade).toBe("certain");
  });

  test.each<[string, Partial<Patient>]>([
    ["the given name is alike only", named("Castellanos", "Marisal")],
    [
      "two fields are alike only, and a third agrees",
      { ...named("Castelanos", "Marisol"), birthDate: "1980-11-02" },
    ],
    [
      "the generation differs",
      {
        name: [{ family: "Castellanos", given: ["Marisol"], suffix: ["Jr."] }],
      },
    ],
  ])("is not certain when %s", (_, change) => {
    const base = aPerson({
      name: [{ family: "Castellanos", given: ["Marisol"], suffix: ["Sr"] }],
    });
    expect(matchPatients(base, { ...sent, ...change }, terms).grade).not.toBe(
      "certain",
    );
  });

  it("is probable under a nickname", () => {
    const robert = aPerson(named("Whitcombe", "Robert"));
    const bob = { ...sent, ...named("Whitcombe", "Bob") };
    expect(match(robert, bob)).toMatchObject({
      grade: "probable",
      fuzzy: ["given"],
    });
  });

  it("is found by the record number although the family name is another", () => {
    const { telecom: _telecom, address: _address, ...rest } = aPerson();
    expect(
      match(aPerson(), { ...rest, ...named("Norwood", "Marisol") }),
    ).toMatchObject({
      grade: "probable",
      rule: "identifier+birthdate",
      disagreed: ["family"],
    });
  });

  it("is certain to itself when enough is known", () => {
    fc.assert(
      fc.property(patients, (rest) => {
        const full: Patient = {
          ...rest,
          birthDate: "1980-02-11",
          name: [{ family: "Garcia", given: ["Maria"] }, ...(rest.name ?? [])],
          telecom: [
            { system: "phone", value: "212 736 5000" },
            ...(rest.telecom ?? []),
          ],
        };
        expect(match(full, full).grade).toBe("certain");
      }),
    );
  });
});

describe("two people", () => {
  test.each([
    ["other given names", ["Marisol"], ["Ximena"]],
    ["given names that are alike", ["Jayden"], ["Jaydon"]],
    ["a common first name", ["Juan", "Carlos"], ["Juan", "José"]],
    ["a common second name", ["Ana", "Maria"], ["Maria", "Jose"]],
    ["the same initial", ["J"], ["J"]],
  ])("who are twins with %s are never certain", (_, one, other) => {
    const { identifier: _identifier, ...household } = aPerson();
    const payer = [{ system: member, value: "W0042" }];
    const twin = (given: readonly string[]): Patient => ({
      ...household,
      identifier: payer,
      name: [{ family: "Castellanos", given: [...given] }],
    });
    expect(match(twin(one), twin(other)).grade).not.toBe("certain");
  });

  it("who are twins are never certain, whatever they are called", () => {
    const given = fc.stringMatching(/^[a-z]{2,8}$/);
    fc.assert(
      fc.property(given, given, (one, other) => {
        fc.pre(one !== other);
        expect(
          match(
            { ...sent, ...named("Castellanos", one) },
            { ...sent, ...named("Castellanos", other) },
          ).grade,
        ).not.toBe("certain");
      }),
    );
  });

  it("who are father and son are not certain", () => {
    const father = aPerson({ birthDate: "1951-06-30", identifier: [] });
    expect(match(father, sent).grade).toBe("probable");
    expect(match(father, sent).disagreed).toContain("birthdate");
  });

  it("with another number of a system that is a person's alone are not certain", () => {
    const other = { ...sent, identifier: [{ system: mrn, value: "A-4712" }] };
    expect(match(aPerson(), other)).toMatchObject({
      grade: "probable",
      disagreed: ["identifier", "unique-identifier"],
    });
    const members = [
      { system: member, value: "1" },
      { system: member, value: "2" },
    ] as const;
    expect(
      match(
        { ...sent, identifier: [members[0]] },
        { ...sent, identifier: [members[1]] },
      ).grade,
    ).toBe("certain");
  });

  it("with a name in common and nothing else are possible", () => {
    const namesake = {
      resourceType: "Patient",
      ...named("Castellanos", "Marisol"),
    } as const;
    expect(match(aPerson(), namesake)).toMatchObject({
      grade: "possible",
      rule: "name",
    });
    const elder = { ...namesake, birthDate: "1951-06-30" };
    expect(match(aPerson(), elder).grade).toBe("none");
    expect(
      match(aPerson(), {
        resourceType: "Patient",
        ...named("Redfern", "Zeno"),
      }),
    ).toMatchObject({ grade: "none", score: 0 });
  });
});

const placeholders: readonly (readonly [keyof Patient, readonly unknown[]])[] =
  [
    ["birthDate", ["1900-01-01", "1901-01-01", "1980"]],
    [
      "telecom",
      [
        ...[
          "303-555-0100",
          "+1 202 555 0199",
          "555-0142",
          "999-999-9999",
          "0000000000",
          "1234567890",
          "123-456-7890",
          "212-867-5309",
          "unknown",
        ].map((value) => [{ system: "phone", value }]),
        ...[
          "test@clinic.example",
          "noemail@clinic.example",
          "no.email@clinic.example",
          "NONE@none.com",
          "x@noemail.com",
          "unknown",
        ].map((value) => [{ system: "email", value }]),
      ],
    ],
    [
      "name",
      [
        [{ family: "Unknown", given: ["Unknown"] }],
        [{ family: "Test", given: ["Test"] }],
        [{ given: ["Baby Boy"] }],
        [{ given: ["BABYGIRL", "A"] }],
        [{ given: ["Baby", "of", "Marisol"] }],
        [{ use: "anonymous", family: "Castellanos", given: ["Marisol"] }],
        [{ text: "Unknown Unknown" }],
      ],
    ],
    [
      "identifier",
      [
        "000-00-0000",
        "123-45-6789",
        "999-99-9999",
        "666-12-3456",
        "unknown",
        "N/A",
      ].map((value) => [{ system: ssn, value }]),
    ],
    [
      "address",
      [
        [{ line: ["Homeless"], city: "Denver" }],
        [{ line: ["UNKNOWN"], postalCode: "80203" }],
      ],
    ],
  ];

describe("a placeholder", () => {
  const cases = placeholders.flatMap(([field, values]) =>
    values.map((value) => [field, JSON.stringify(value), value] as const),
  );

  test.each(cases)("in %s is as good as nothing: %s", (field, _, value) => {
    fc.assert(
      fc.property(patients, patients, (one, other) => {
        const absent = (patient: Patient) => ({
          ...patient,
          [field]: undefined,
        });
        const filled = (patient: Patient) => ({ ...patient, [field]: value });
        const bare = match(absent(one), absent(other));
        expect(match(filled(one), filled(other))).toEqual(bare);
        expect(match(filled(one), absent(other))).toEqual(bare);
      }),
      { numRuns: 20 },
    );
  });
});

describe("the grade", () => {
  it("does not depend on the order", () => {
    fc.assert(
      fc.property(patients, patients, (one, other) => {
        expect(match(one, other)).toEqual(match(other, one));
      }),
      { numRuns: 1000 },
    );
  });

  it("never rises when something is taken away that did not speak against it", () => {
    const against = {
      identifier: ["unique-identifier"],
      name: ["suffix"],
      birthDate: ["birthdate"],
      telecom: [],
      address: [],
      gender: [],
    } as const;
    fc.assert(
      fc.property(
        patients,
        patients,
        fc.constantFrom(...(Object.keys(against) as (keyof typeof against)[])),
        (one, other, part) => {
          const before = match(one, other);
          fc.pre(
            !against[part].some((name) => before.disagreed.includes(name)),
          );
          const after = match({ ...one, [part]: undefined }, other);
          expect(grades.indexOf(after.grade)).toBeGreaterThanOrEqual(
            grades.indexOf(before.grade),
          );
        },
      ),
      { numRuns: 2000 },
    );
  });

  it("never rises when one of several phones or e-mails is taken away", () => {
    fc.assert(
      fc.property(patients, patients, (one, other) => {
        const before = match(one, other);
        const after = match(
          { ...one, telecom: one.telecom?.slice(1) ?? [] },
          other,
        );
        expect(grades.indexOf(after.grade)).toBeGreaterThanOrEqual(
          grades.indexOf(before.grade),
        );
      }),
    );
  });

  it("tells every field once", () => {
    fc.assert(
      fc.property(patients, patients, (one, other) => {
        const { agreed, fuzzy, disagreed, missing } = match(one, other);
        const told = [...agreed, ...fuzzy, ...disagreed, ...missing].filter(
          (field) => (fields as readonly string[]).includes(field),
        );
        expect(told.toSorted()).toEqual([...fields].toSorted());
      }),
    );
  });

  it("comes from rules that each have a name and a score of their grade", () => {
    expect(new Set(matchRules.map(({ id }) => id)).size).toBe(
      matchRules.length,
    );
    const floor = { certain: 0.9, probable: 0.7, possible: 0.2 };
    for (const { grade, score } of matchRules) {
      expect(score).toBeGreaterThan(floor[grade]);
      expect(score).toBeLessThan(
        { certain: 1, probable: 0.9, possible: 0.7 }[grade],
      );
    }
  });
});

/** Damerau-Levenshtein (optimal string alignment) by the book. */
const distance = (one: string, other: string): number => {
  const rows = Array.from({ length: one.length + 1 }, (_, i) =>
    Array.from({ length: other.length + 1 }, (__, j) =>
      i === 0 ? j : j === 0 ? i : 0,
    ),
  );
  const at = (i: number, j: number): number => rows[i]?.[j] ?? Infinity;
  for (let i = 1; i <= one.length; i += 1)
    for (let j = 1; j <= other.length; j += 1) {
      const swap =
        i > 1 &&
        j > 1 &&
        one[i - 1] === other[j - 2] &&
        one[i - 2] === other[j - 1]
          ? at(i - 2, j - 2) + 1
          : Infinity;
      (rows[i] ?? [])[j] = Math.min(
        at(i - 1, j) + 1,
        at(i, j - 1) + 1,
        at(i - 1, j - 1) + (one[i - 1] === other[j - 1] ? 0 : 1),
        swap,
      );
    }
  return at(one.length, other.length);
};

test("values are near at a distance of one, from five characters on", () => {
  const text = fc.stringMatching(/^[ab]{3,8}$/);
  fc.assert(
    fc.property(text, text, (one, other) => {
      expect(isNear(one, other)).toBe(
        one.length >= 5 && other.length >= 5 && distance(one, other) === 1,
      );
    }),
    { numRuns: 2000 },
  );
});
