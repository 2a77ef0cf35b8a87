import { evalFhirPathTyped, toTypedValue } from "@medplum/core";
import type { Reference, Resource, SearchParameter } from "@medplum/fhirtypes";
import { declarations } from "../../functions/resources/all.ts";
import type { KnownType } from "../../functions/resources/declaration.ts";
import { searchParameters } from "../../functions/resources/definitions/r4.ts";
import { homeOf } from "../../functions/resources/references.ts";
import { oneOf } from "./random.ts";

/** A criterion, made of a value that a resource has. */
export interface Criterion {
  readonly name: string;
  readonly type: SearchParameter["type"];
  readonly datatype: string;
  readonly value: string;
}

const parametersOf = (type: KnownType): readonly SearchParameter[] =>
  searchParameters.filter(({ base }) => base.some((each) => each === type));

const onServer = /^Patient\/\w{26}$/u;

/**
 * What a search needs here beside its criteria: the patient of a compartment, a slot's schedule, the patient itself; nothing
 * in the directory. Undefined when there is nothing that could be named.
 */
export const anchorOf = (
  type: KnownType,
  resource: Resource,
): readonly (readonly [string, string])[] | undefined => {
  if (type === "Patient") return [["_id", resource.id ?? ""]];
  if (resource.resourceType === "Slot")
    return [["schedule", resource.schedule.reference ?? ""]];
  const declaration = declarations[type];
  if (!Array.isArray(declaration.home)) return [];
  const home = homeOf(declaration, resource) ?? "";
  const name = ["patient", "subject"].find((each) =>
    parametersOf(type).some(({ code }) => code === each),
  );
  return name !== undefined && onServer.test(home) ? [[name, home]] : undefined;
};

/** Every criterion that the resource meets, as far as both servers read its kind. */
export const criteriaOf = (
  type: KnownType,
  resource: Resource,
  random: () => number,
): readonly Criterion[] =>
  parametersOf(type).flatMap((parameter) => {
    const { code: name, expression, type: kind } = parameter;
    if (expression === undefined || name === "phonetic") return [];
    return evalFhirPathTyped(expression, [toTypedValue(resource)]).flatMap(
      ({ type: datatype, value }) =>
        texts(kind, value as unknown, random).map((text) => ({
          ...{ name, type: kind, datatype },
          value: text,
        })),
    );
  });

const texts = (
  kind: SearchParameter["type"],
  value: unknown,
  random: () => number,
): readonly string[] => {
  switch (kind) {
    case "token":
      return tokens(value);
    case "reference":
      return references(value);
    case "date":
      return typeof value === "string" && !Number.isNaN(Date.parse(value))
        ? [
            `${oneOf(random, ["ge", "le", "gt", "lt"]) ?? ""}${shifted(value, random)}`,
          ]
        : [];
    case "string":
      return typeof value === "string" && /^[\w ]+$/u.test(value)
        ? [value.slice(0, 5).trim().toLowerCase()]
        : [];
    case "uri":
      return typeof value === "string" && !/[,|]/u.test(value) ? [value] : [];
    default:
      return [];
  }
};

const shifted = (text: string, random: () => number): string =>
  new Date(Date.parse(text) + Math.round((random() - 0.5) * 800) * 86_400_000)
    .toISOString()
    .slice(0, 10);

const tokens = (value: unknown): readonly string[] => {
  const concept = value as {
    coding?: readonly { system?: string; code?: string }[];
    system?: string;
    code?: string;
    value?: string;
  };
  const pairs =
    typeof value === "object" && value !== null
      ? (concept.coding ?? [concept])
      : [{ code: String(value) }];
  return pairs.flatMap((pair) => {
    const code = pair.code ?? (pair as { value?: string }).value;
    return code === undefined || /[,|$\\]/u.test(code)
      ? []
      : [
          code,
          ...(pair.system === undefined ? [] : [`${pair.system}|${code}`]),
        ];
  });
};

const references = (value: unknown): readonly string[] => {
  const { reference } = (
    typeof value === "object" && value !== null ? value : {}
  ) as Reference;
  return reference !== undefined && /^[A-Z]\w+\/[\w.-]+$/u.test(reference)
    ? [reference]
    : [];
};
