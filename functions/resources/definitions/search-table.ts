import type {
  ElementDefinition,
  SearchParameter,
  StructureDefinition,
} from "@medplum/fhirtypes";
import type { Declaration, KnownType } from "../declaration.ts";
import type { SearchTable, TypeTable } from "../search/table.ts";

type Structures = ReadonlyMap<string | undefined, StructureDefinition>;

const common = [
  "_id",
  "_lastUpdated",
  "_profile",
  "_security",
  "_source",
  "_tag",
];
const supported = [
  "string",
  "token",
  "date",
  "reference",
  "uri",
  "number",
  "quantity",
];

/** Each parameter with its expression pruned to the type itself and resolved to properties and their datatypes. */
export const searchTable = (
  declarations: readonly Declaration[],
  parameters: readonly SearchParameter[],
  structures: Structures,
): SearchTable => ({
  common: Object.fromEntries(
    common.map((code) => [
      code,
      parameterText("Resource", code, parameters, structures),
    ]),
  ),
  types: Object.fromEntries(
    declarations.map(({ type, search }): [string, TypeTable] => [
      type,
      {
        parameters: Object.fromEntries(
          search.map((code) => [
            code,
            parameterText(type, code, parameters, structures),
          ]),
        ),
        summary: topLevel(
          type,
          structures,
          ({ isSummary }) => isSummary === true,
        ),
        kept: topLevel(
          type,
          structures,
          ({ min = 0, isModifier }) => min > 0 || isModifier === true,
        ),
      },
    ]),
  ) as Record<KnownType, TypeTable>,
});

const topLevel = (
  type: string,
  structures: Structures,
  keep: (element: ElementDefinition) => boolean,
): string =>
  (structures.get(type)?.snapshot?.element ?? [])
    .filter(({ path }) => path.split(".").length === 2)
    .filter(keep)
    .flatMap((element) => properties(element).map(({ property }) => property))
    .join(" ");

const capitalized = (text: string): string =>
  text.charAt(0).toUpperCase() + text.slice(1);

const properties = ({
  path,
  type = [],
}: ElementDefinition): readonly { property: string; datatype: string }[] => {
  const name = path.split(".").at(-1) ?? path;
  return type.map(({ code = "" }) => ({
    property: name.endsWith("[x]")
      ? name.slice(0, -3) + capitalized(code)
      : name,
    datatype: code.startsWith("http://hl7.org/fhirpath/") ? "string" : code,
  }));
};

const datatypesFor: Readonly<Record<string, readonly string[]>> = {
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
  quantity: [
    "Quantity",
    "Age",
    "Count",
    "Distance",
    "Duration",
    "SimpleQuantity",
    "Money",
  ],
};

function parameterText(
  type: string,
  code: string,
  parameters: readonly SearchParameter[],
  structures: Structures,
): string {
  const found = parameters.find(
    (each) => each.code === code && each.base?.includes(type as never),
  );
  const expression = found?.expression;
  if (!found || !expression || !supported.includes(found.type))
    throw new Error(
      `${type} has no search parameter ${code} of a supported kind`,
    );
  const paths = expression
    .split("|")
    .map((part) => part.trim())
    .filter((part) => new RegExp(String.raw`^\(*${type}\.`, "u").test(part))
    .flatMap((part) => pathsOf(type, code, part, found.type, structures));
  if (paths.length === 0)
    throw new Error(`${type} has no path for ${code}: ${expression}`);
  const { target = [] } = found;
  return [
    found.type,
    ...paths,
    ...(target.length > 0 && target.length < 20
      ? [`>${target.toSorted().join(",")}`]
      : []),
  ].join(" ");
}

/** Understands what R4's expressions of the declared types use; anything else stops the generator. */
function pathsOf(
  type: string,
  code: string,
  part: string,
  kind: string,
  structures: Structures,
): readonly string[] {
  // "Is the patient dead": a date of death says yes too.
  if (type === "Patient" && code === "deceased")
    return ["deceasedBoolean:boolean", "deceasedDateTime:exists"];
  const match =
    /^\(*(?<path>\w+(?:\.\w+)+?)(?:\.where\(resolve\(\) is (?<target>\w+)\)|\.where\(system='(?<system>\w+)'\)|\.ofType\((?<of>\w+)\)|\.as\((?<as>\w+)\)| as (?<like>\w+))?\)*$/u.exec(
      part,
    );
  if (!match?.groups) throw new Error(`expression not understood: ${part}`);
  const { path = "", target, system, of, as, like } = match.groups;
  const only = of ?? as ?? like;
  const filter = target ?? system;
  return resolved(type, path.split(".").slice(1), structures)
    .filter(({ datatype }) =>
      only ? datatype === only : datatypesFor[kind]?.includes(datatype),
    )
    .map(
      ({ path: found, datatype }) =>
        `${found}:${datatype}${filter ? `[${filter}]` : ""}`,
    );
}

function resolved(
  type: string,
  steps: readonly string[],
  structures: Structures,
  at = type,
): readonly { path: string; datatype: string }[] {
  const [step = "", ...rest] = steps;
  const elements = structures.get(type)?.snapshot?.element ?? [];
  const element = elements.find(
    ({ path }) => path === `${at}.${step}` || path === `${at}.${step}[x]`,
  );
  if (!element) throw new Error(`no element ${at}.${step}`);
  return properties(element).flatMap(({ property, datatype }) => {
    if (rest.length === 0) return [{ path: property, datatype }];
    const deeper = ["BackboneElement", "Element"].includes(datatype)
      ? resolved(type, rest, structures, element.path)
      : resolved(datatype, rest, structures);
    return deeper.map((found) => ({
      ...found,
      path: `${property}.${found.path}`,
    }));
  });
}
