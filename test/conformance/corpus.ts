import { readdirSync, readFileSync } from "node:fs";
import { isKnown } from "../../functions/resources/all.ts";
import type { KnownType } from "../../functions/resources/declaration.ts";
import { isObject, readExactly, type Json } from "./exact.ts";

/** An official R4 example, as it is in `hl7.fhir.r4.examples`. */
export interface Example {
  readonly file: string;
  readonly type: KnownType;
  /** `Type/id`, by which other examples refer to it. */
  readonly name: string;
  readonly resource: Json;
}

const folder = new URL(
  "../../node_modules/hl7.fhir.r4.examples/",
  import.meta.url,
);

const exampleIn = (file: string): Example[] => {
  if (!file.endsWith(".json")) return [];
  const [type = ""] = file.split("-");
  if (!isKnown(type)) return [];
  const resource = readExactly(readFileSync(new URL(file, folder), "utf8"));
  return isObject(resource) && resource.resourceType === type
    ? [{ file, type, name: `${type}/${String(resource.id)}`, resource }]
    : [];
};

/** Every official example of a type that is kept. */
export const corpus: readonly Example[] = readdirSync(folder)
  .sort()
  .flatMap(exampleIn);

export const typesOf = (examples: readonly Example[]): readonly KnownType[] => [
  ...new Set(examples.map(({ type }) => type)),
];

/** The literal references of a resource, without a version. */
export const referencesIn = (value: unknown): readonly string[] =>
  Array.isArray(value)
    ? value.flatMap(referencesIn)
    : isObject(value)
      ? Object.entries(value).flatMap(([key, inner]) =>
          key === "reference" && typeof inner === "string"
            ? [inner.replace(/\/_history\/.*$/u, "")]
            : referencesIn(inner),
        )
      : [];

/** So many of the examples, spread evenly, and all that they refer to. */
export const sampleOf = (
  examples: readonly Example[],
  count: number,
): readonly Example[] => {
  const byName = new Map(examples.map((each) => [each.name, each]));
  const taken = new Set<Example>();
  const take = (example: Example): void => {
    if (taken.has(example)) return;
    taken.add(example);
    for (const name of referencesIn(example.resource)) {
      const target = byName.get(name);
      if (target) take(target);
    }
  };
  for (let step = 0; step < examples.length && taken.size < count; step += 1) {
    // 7 and the number of examples have no common divisor that matters: the whole alphabet comes up.
    const example = examples[(step * 7) % examples.length];
    if (example) take(example);
  }
  return examples.filter((example) => taken.has(example));
};
