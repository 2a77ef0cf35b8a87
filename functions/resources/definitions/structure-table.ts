import type { ElementDefinition } from "@medplum/fhirtypes";
import type { Definition, TypeDefinition } from "../definition.ts";
import { compile } from "../validation/fhirpath.ts";
import { isNative } from "../validation/rules.ts";
import { codesOf, conceptsOf, elementsOf, missing, structures } from "./r4.ts";

/** Sets that change or are too large to list. */
const patterns: Readonly<Record<string, string>> = {
  mimetypes: String.raw`/^[\w!#$&^.+-]+\/[\w!#$&^.+-]+(\s*;.*)?$/`,
  currencies: "/^[A-Z]{3}$/",
  "all-types": "/^[A-Za-z][A-Za-z0-9]+$/",
};

const bases = ["Element", "BackboneElement", "DomainResource", "Resource"];

/** Checked by the walk itself, not by their FHIRPath. */
const structural = new Set([
  "ele-1",
  "ext-1",
  "dom-2",
  "dom-3",
  "dom-4",
  "dom-5",
]);

type Codes = Map<string, string>;

export const resourceDefinition = (type: string): Definition => {
  const codes: Codes = new Map();
  return { types: typesOf(type, codes), codes: sorted(codes) };
};

/** Every datatype that the definitions reach, extensions included. */
export const datatypesDefinition = (
  users: readonly Definition[],
): Definition => {
  const codes: Codes = new Map();
  const types = new Map<string, TypeDefinition>();
  const visit = (name: string): void => {
    if (
      types.has(name) ||
      (structures.get(name)?.kind !== "complex-type" && !bases.includes(name))
    )
      return;
    const found = Object.entries(typesOf(name, codes));
    for (const [path, type] of found) types.set(path, type);
    for (const [, type] of found) visitAll(type);
  };
  const visitAll = ({ elements, base }: TypeDefinition): void => {
    [
      ...Object.values(elements).flatMap(typeNames),
      ...(base === undefined ? [] : [base]),
    ].forEach(visit);
  };
  bases.forEach(visit);
  users.flatMap(({ types: own }) => Object.values(own)).forEach(visitAll);
  return { types: sorted(types), codes: sorted(codes) };
};

const typeNames = (element: string): readonly string[] =>
  (/^[^!*+#>]*/u.exec(element)?.[0] ?? "").split("|");

const sorted = <T>(
  entries: ReadonlyMap<string, T>,
): Readonly<Record<string, T>> =>
  Object.fromEntries([...entries].toSorted(([a], [b]) => (a < b ? -1 : 1)));

/** A structure and its backbone elements, each a type of its own named by its path. */
const typesOf = (
  name: string,
  codes: Codes,
): Readonly<Record<string, TypeDefinition>> => {
  const elements = elementsOf(name);
  const owners = elements.filter(
    (element) => element.path === name || isInner(element, elements),
  );
  return Object.fromEntries(
    owners.map((owner) => [owner.path, typeOf(owner, elements, codes)]),
  );
};

const typeOf = (
  owner: ElementDefinition,
  elements: readonly ElementDefinition[],
  codes: Codes,
): TypeDefinition => {
  const base = baseOf(owner);
  const inherited = base === undefined ? [] : elementsOf(base);
  const inheritedNames = new Set(inherited.map(lastName));
  const own = elements
    .filter(
      ({ path }) =>
        path.startsWith(`${owner.path}.`) &&
        !path.slice(owner.path.length + 1).includes("."),
    )
    .filter((element) => !inheritedNames.has(lastName(element)));
  const rules = rulesOf([
    ...constraintsOf(owner, inherited[0]),
    ...own
      .filter((element) => !isInner(element, elements))
      .flatMap((element) =>
        element.type?.[0]?.code === "xhtml"
          ? constraintsOf(element)
          : constraintsOf(element).map(of(lastName(element))),
      ),
  ]);
  return {
    ...(base !== undefined && { base }),
    elements: Object.fromEntries(
      own.map((element) => [
        lastName(element),
        elementText(element, elements, codes),
      ]),
    ),
    ...(Object.keys(rules).length > 0 && { rules }),
  };
};

const lastName = ({ path }: ElementDefinition): string =>
  path.slice(path.lastIndexOf(".") + 1);

const isInner = (
  { path, type }: ElementDefinition,
  elements: readonly ElementDefinition[],
): boolean =>
  ["BackboneElement", "Element"].includes(type?.[0]?.code ?? "") &&
  elements.some((element) => element.path.startsWith(`${path}.`));

const baseOf = ({ path, type }: ElementDefinition): string | undefined =>
  path.includes(".")
    ? type?.[0]?.code
    : structures.get(path)?.baseDefinition?.split("/").at(-1);

type Constraint = NonNullable<ElementDefinition["constraint"]>[number];

const constraintsOf = (
  { constraint = [] }: ElementDefinition,
  base?: ElementDefinition,
): readonly Constraint[] => {
  const inherited = new Set(base?.constraint?.map(({ key }) => key));
  return (
    constraint
      .filter(
        ({ severity, key }) =>
          severity === "error" && !structural.has(key) && !inherited.has(key),
      )
      // Consent's ppc-2 to ppc-5 name a code system that does not exist and can never fail.
      .filter(
        ({ expression = "" }) => !expression.includes("system='something'"),
      )
  );
};

/** What holds of each value of an element, said of its owner. */
const of =
  (element: string) =>
  (constraint: Constraint): Constraint => ({
    ...constraint,
    expression: `${element.replace("[x]", "")}.all(${expressionOf(constraint)})`,
  });

const expressionOf = ({ key, expression }: Constraint): string =>
  expression ?? missing("expression of", key);

const rulesOf = (
  constraints: readonly Constraint[],
): NonNullable<TypeDefinition["rules"]> =>
  Object.fromEntries(
    constraints.map((constraint) => [
      constraint.key,
      [
        understood(constraint.key, expressionOf(constraint)),
        constraint.human,
      ] as const,
    ]),
  );

/** An invariant that could not be evaluated later stops the generator now. */
const understood = (key: string, expression: string): string => {
  if (!isNative(key)) compile(expression);
  return expression;
};

const cardinalities: Readonly<Record<string, string>> = {
  "0..1": "",
  "1..1": "!",
  "0..*": "*",
  "1..*": "+",
};

const elementText = (
  element: ElementDefinition,
  elements: readonly ElementDefinition[],
  codes: Codes,
): string => {
  const cardinality =
    cardinalities[`${String(element.min)}..${element.max ?? ""}`] ??
    missing("cardinality", element.path);
  return `${elementTypes(element, elements)}${cardinality}${binding(element, codes)}${targets(element)}`;
};

const elementTypes = (
  element: ElementDefinition,
  elements: readonly ElementDefinition[],
): string => {
  // R4 4.0.1 types it as a string; its format is that of an id.
  if (element.path === "Resource.id") return "id";
  if (element.contentReference)
    return element.contentReference.slice(
      element.contentReference.indexOf("#") + 1,
    );
  if (isInner(element, elements)) return element.path;
  return (element.type ?? [])
    .map(({ code, extension = [] }) =>
      code.startsWith("http://hl7.org/fhirpath/")
        ? (extension.find(({ url }) =>
            url.endsWith("/structuredefinition-fhir-type"),
          )?.valueUrl ?? "string")
        : code,
    )
    .join("|");
};

const targets = ({ type = [] }: ElementDefinition): string => {
  const profiles = type
    .filter(({ code }) => code === "Reference")
    .flatMap(({ targetProfile = [] }) => targetProfile);
  const names = profiles.map((profile) =>
    profile.slice(profile.lastIndexOf("/") + 1),
  );
  return names.length === 0 || names.includes("Resource")
    ? ""
    : `>${names.toSorted().join(",")}`;
};

const binding = (
  { binding: bound, path, type = [] }: ElementDefinition,
  codes: Codes,
): string => {
  if (bound?.strength !== "required" || !bound.valueSet) return "";
  const url = bound.valueSet.replace(/\|.*$/u, "");
  const name = url.slice(url.lastIndexOf("/") + 1);
  const [datatype, ...more] = type.map(({ code }) => code);
  const list =
    more.length > 0
      ? undefined
      : { code: codesOf, CodeableConcept: conceptsOf }[String(datatype)];
  if (!list) return missing("check for the required binding of", path);
  codes.set(name, patterns[name] ?? list(url).join(" "));
  return `#${name}`;
};
