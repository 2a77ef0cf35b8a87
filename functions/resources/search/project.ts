import type { Meta, Resource } from "@medplum/fhirtypes";
import type { SearchQuery } from "./query.ts";
import { tableOf } from "./tables.ts";

const subsetted = {
  system: "http://terminology.hl7.org/CodeSystem/v3-ObservationValue",
  code: "SUBSETTED",
};

const names = (text: string): readonly string[] =>
  text.split(" ").filter((name) => name !== "");

/** The elements to answer with, `deceased` for each of its types; undefined for all. */
const wanted = ({
  type,
  summary,
  elements,
}: Projection): ReadonlySet<string> | undefined => {
  const { kept, summary: summarised } = tableOf(type);
  const always = ["resourceType", "id", "meta", ...names(kept)];
  if (summary === "true") return new Set([...always, ...names(summarised)]);
  if (summary === "text") return new Set([...always, "text"]);
  return elements.length === 0 ? undefined : new Set([...always, ...elements]);
};

type Projection = Pick<SearchQuery, "type" | "summary" | "elements">;

const isWanted = (property: string, asked: ReadonlySet<string>): boolean => {
  const name = property.replace(/^_/u, "");
  return asked.has(name) || asked.has(name.replace(/(?<=[a-z])[A-Z].*$/u, ""));
};

/** The resource as `_summary` and `_elements` want it, marked as a subset; itself when they want all of it. */
export const project = <T extends Resource>(
  query: Projection,
  resource: T,
): T => {
  const asked = wanted(query);
  if (!asked && query.summary !== "data") return resource;
  const kept = Object.entries(resource).filter(([property]) =>
    asked ? isWanted(property, asked) : property !== "text",
  );
  const meta: Meta = {
    ...resource.meta,
    tag: [...(resource.meta?.tag ?? []), subsetted],
  };
  return { ...(Object.fromEntries(kept) as unknown as T), meta };
};
