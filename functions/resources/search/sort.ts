import type { Resource } from "@medplum/fhirtypes";
import { code, fold } from "../normalise.ts";
import { valuesOf, type Found } from "./extract.ts";
import { stretchOf } from "./match-date.ts";
import { numberOf } from "./match-number.ts";
import { referenceText } from "./match-reference.ts";
import { partsOf } from "./match-string.ts";
import { tokenText } from "./match-token.ts";
import type { Parameter } from "./parameter.ts";
import type { SearchQuery, SortKey } from "./query.ts";

export type Sortable = string | number | undefined;

/** Characters that an order looks at: what it looks at goes into the cursor. */
const longest = 200;

const sortable = (
  { type }: Parameter,
  found: Found,
  descending: boolean,
): Sortable => {
  switch (type) {
    case "date":
      return descending ? stretchOf(found)?.to : stretchOf(found)?.from;
    case "number":
    case "quantity":
      return numberOf(found);
    case "string":
      return fold(partsOf(found)[0] ?? "").slice(0, longest);
    case "token":
      return code(tokenText(found)).slice(0, longest);
    case "reference":
    case "uri":
      return referenceText(found)?.slice(0, longest);
  }
};

const order = (a: Sortable, b: Sortable): number => {
  if (a === b) return 0;
  if (a === undefined) return 1;
  if (b === undefined) return -1;
  return a < b ? -1 : 1;
};

/** Of several values the earliest in the order asked for counts. */
const keyOf = (
  resource: Resource,
  { parameter, descending }: SortKey,
): Sortable =>
  valuesOf(resource, parameter)
    .map((found) => sortable(parameter, found, descending))
    .toSorted((a, b) => direction(a, b, descending))[0];

/** What has no value comes last either way. */
const direction = (a: Sortable, b: Sortable, descending: boolean): number =>
  descending && a !== undefined && b !== undefined ? order(b, a) : order(a, b);

/** What a resource is ordered by, its id at last: so the order is total, and a page can go on behind any place in it. */
export type Place = readonly Sortable[];

export const placeOf = (
  { sort }: Pick<SearchQuery, "sort">,
  resource: Resource,
): Place => [...sort.map((key) => keyOf(resource, key)), resource.id];

export const comparePlaces = (
  { sort }: Pick<SearchQuery, "sort">,
  a: Place,
  b: Place,
): number => {
  for (const [index, left] of a.entries()) {
    const result = direction(left, b[index], sort[index]?.descending ?? false);
    if (result !== 0) return result;
  }
  return 0;
};

/** An order for `toSorted`. Places are read once per resource. */
export const compare = (
  query: Pick<SearchQuery, "sort">,
): ((a: Resource, b: Resource) => number) => {
  const places = new WeakMap<Resource, Place>();
  const place = (resource: Resource): Place => {
    const known = places.get(resource) ?? placeOf(query, resource);
    places.set(resource, known);
    return known;
  };
  return (a, b) => comparePlaces(query, place(a), place(b));
};
