import fc from "fast-check";
import { expect, it, test } from "vitest";
import { matchPatients } from "../../functions/core/match.ts";
import { identityOf } from "../../functions/core/match-identity.ts";
import { lookUpsOf, namesOf } from "../../functions/core/match-look-ups.ts";
import { patient as declaration } from "../../functions/resources/patient.ts";
import { identifierValue } from "../../functions/resources/normalise.ts";
import { aPerson, patients, ssn, terms } from "./match-builders.ts";

const lookedUp = (patient: Parameters<typeof identityOf>[0]) =>
  lookUpsOf(patient, identityOf(patient, terms));

const shared = fc.subarray(
  ["name", "birthDate", "telecom", "identifier", "address"] as const,
  { minLength: 2 },
);

const nameOf = (list: string, key: readonly string[]): string =>
  JSON.stringify([list, key]);

it("finds whoever is certain: one of the lists asked for has them", () => {
  let seen = 0;
  fc.assert(
    fc.property(patients, patients, patients, shared, (a, b, c, names) => {
      const common = Object.fromEntries(
        names.map((name) => [name, c[name]] as const),
      );
      const [one, other] = [
        { ...a, ...common },
        { ...b, ...common },
      ];
      if (matchPatients(one, other, terms).grade !== "certain") return;
      seen += 1;
      const filed = new Set([
        ...declaration
          .index(other, "US")
          .map(({ list, key }) => nameOf(list, key)),
        ...(other.identifier ?? []).map(({ system = "", value = "" }) =>
          nameOf("identifier", [system, identifierValue(value)]),
        ),
      ]);
      expect(
        lookedUp(one).filter(({ list, key }) => filed.has(nameOf(list, key))),
      ).not.toHaveLength(0);
    }),
    { numRuns: 2000 },
  );
  expect(seen).toBeGreaterThan(50);
});

it("asks for each list once, and for few", () => {
  const all = lookedUp(aPerson()).map(({ list, key }) => nameOf(list, key));
  expect(new Set(all).size).toBe(all.length);
  expect(all.length).toBeLessThanOrEqual(7);
  fc.assert(
    fc.property(patients, (one) => {
      expect(lookedUp(one).length).toBeLessThanOrEqual(40);
    }),
  );
});

test("a social security number is looked up in both ways of writing it", () => {
  expect(
    lookedUp({
      resourceType: "Patient",
      identifier: [{ system: ssn, value: "219 09 9998" }],
    }).map(({ key }) => key[1]),
  ).toEqual(["219099998", "219-09-9998"]);
});

test("a name alone is looked up in the names; with a birth date the shorter lists of that day do", () => {
  const { birthDate: _birth, ...undated } = aPerson();
  const keys = (patient: Parameters<typeof identityOf>[0]) =>
    namesOf(identityOf(patient, terms)).map((pair) =>
      pair.map(({ key }) => key[0]),
    );
  expect(keys(aPerson())).toEqual([]);
  expect(keys(undated)).toEqual([["marisol", "castella"]]);
});
