import type { ElementDefinition } from "@medplum/fhirtypes";
import type { Parameters, TypeTable } from "../search/table.ts";
import { elementsOf, missing, searchParameters } from "./r4.ts";

const common = [
  "_id",
  "_lastUpdated",
  "_profile",
  "_security",
  "_source",
  "_tag",
];

/** The datatypes that a parameter's type can read; a choice's others (a text beside a date) are not searched. */
const readable: Readonly<Record<string, readonly string[]>> = {
  string: ["string", "markdown", "HumanName", "Address"],
  token: [
    "code",
    "string",
    "id",
    "uri",
    "boolean",
    "Coding",
    "CodeableConcept",
    "Identifier",
    "ContactPoint",
  ],
  date: ["date", "dateTime", "instant", "Period", "Timing"],
  reference: ["Reference", "canonical", "uri"],
  uri: ["uri", "url", "canonical", "oid", "uuid"],
  number: ["integer", "decimal", "positiveInt", "unsignedInt"],
  quantity: ["Quantity", "Money", "Age", "Count", "Distance", "Duration"],
};

export const commonParameters = (): Parameters =>
  parameterTexts("Resource", common);

/** Each parameter with its expression pruned to the type itself and resolved to properties and their datatypes. */
export const typeTable = (type: string): TypeTable => ({
  parameters: parameterTexts(type, searched(type)),
  summary: topLevel(type, ({ isSummary }) => isSummary === true),
  kept: topLevel(
    type,
    ({ min, isModifier }) => (min ?? 0) > 0 || isModifier === true,
  ),
});

/** R4's parameters of the type, but composites, distances and what sounds alike. */
const searched = (type: string): readonly string[] =>
  searchParameters
    .filter(
      ({ base, code, type: kind }) =>
        base.some((each) => each === type) &&
        Object.hasOwn(readable, kind) &&
        code !== "phonetic",
    )
    .map(({ code }) => code)
    .toSorted();

const topLevel = (
  type: string,
  keeps: (element: ElementDefinition) => boolean,
): string =>
  elementsOf(type)
    .filter((element) => element.path.split(".").length === 2 && keeps(element))
    .flatMap((element) => properties(element).map(({ path }) => path))
    .join(" ");

const parameterTexts = (type: string, codes: readonly string[]): Parameters =>
  Object.fromEntries(codes.map((code) => [code, parameterText(type, code)]));

const parameterText = (type: string, code: string): string => {
  const {
    id,
    type: kind,
    expression = "",
    target = [],
  } = searchParameters.find(
    (each) => each.code === code && each.base.some((base) => base === type),
  ) ?? missing("search parameter", `${type} ${code}`);
  const paths = expression
    .split("|")
    .map((part) => part.trim())
    .filter((part) => part.replaceAll("(", "").startsWith(`${type}.`))
    .flatMap((part) =>
      id === "Patient-deceased"
        ? deceased
        : pathsOf(part, readable[kind] ?? []),
    );
  if (paths.length === 0)
    return missing(`path that a ${kind} parameter reads in`, `${type} ${code}`);
  // Reference parameters that may point anywhere list all 145 types.
  const targets = target.length > 0 && target.length < 20 ? target : [];
  return [
    kind,
    ...paths,
    ...(targets.length > 0 ? [`>${targets.toSorted().join(",")}`] : []),
    ...(id === `${type}-${code.replace(/^_/u, "")}` ? [] : [`=${String(id)}`]),
  ].join(" ");
};

/** `Patient.deceased.exists() and Patient.deceased != false`: a date of death says yes too. */
const deceased = ["deceasedBoolean:boolean", "deceasedDateTime:exists"];

const form =
  /^\(*(?<path>\w+(?:\.\w+)+?)(?:\.where\(resolve\(\) is (?<target>\w+)\)|\.where\((?:system='(?<system>\w+)'|type='(?<kind>[\w-]+)')\)|\.(?:ofType|as)\((?<of>\w+)\)| as (?<as>\w+))?\)*(?:(?<=\))\.(?<then>\w+))?$/u;

/** Understands what R4's expressions of the declared types use; anything else stops the generator. */
const pathsOf = (
  part: string,
  datatypes: readonly string[],
): readonly string[] => {
  const {
    path = "",
    target,
    system,
    kind,
    of,
    as,
    then,
  } = form.exec(part)?.groups ?? missing("reading of the expression", part);
  const [type = "", ...steps] = path.split(".");
  const only = of ?? as;
  const filter = kind === undefined ? (target ?? system) : `type=${kind}`;
  return resolved(type, steps)
    .filter(({ datatype }) => only === undefined || datatype === only)
    .flatMap((property) =>
      then === undefined
        ? [property]
        : under(property, resolved(property.datatype, [then])),
    )
    .filter(
      ({ datatype }) =>
        (only !== undefined && then === undefined) ||
        datatypes.includes(datatype),
    )
    .map(
      ({ path: found, datatype }) =>
        `${found}:${datatype}${filter === undefined ? "" : `[${filter}]`}`,
    );
};

interface Property {
  readonly path: string;
  readonly datatype: string;
}

/** The properties of an element: one, or one for each type of a choice. */
const properties = ({
  path,
  type = [],
}: ElementDefinition): readonly Property[] => {
  const name = path.slice(path.lastIndexOf(".") + 1);
  return type.map(({ code }) => ({
    path: name.endsWith("[x]")
      ? name.slice(0, -3) + code.charAt(0).toUpperCase() + code.slice(1)
      : name,
    datatype: code.startsWith("http://hl7.org/fhirpath/") ? "string" : code,
  }));
};

const resolved = (
  type: string,
  [step = "", ...rest]: readonly string[],
  at = type,
): readonly Property[] => {
  const element = elementsOf(type).find(
    ({ path }) => path === `${at}.${step}` || path === `${at}.${step}[x]`,
  );
  if (!element) return missing("element", `${at}.${step}`);
  return properties(element).flatMap((property) => {
    if (rest.length === 0) return [property];
    const isInner =
      property.datatype === "BackboneElement" ||
      property.datatype === "Element";
    return under(
      property,
      isInner
        ? resolved(type, rest, element.path)
        : resolved(property.datatype, rest),
    );
  });
};

const under = (
  { path }: Property,
  inner: readonly Property[],
): readonly Property[] =>
  inner.map((each) => ({ ...each, path: `${path}.${each.path}` }));
