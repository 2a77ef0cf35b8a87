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

type Sortable = string | number | undefined;

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
      return fold(partsOf(found)[0] ?? "");
    case "token":
      return code(tokenText(found));
    case "reference":
    case "uri":
      return referenceText(found);
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

/** An order for `toSorted`, total because ids decide at last. Keys are read once per resource. */
export const compare = ({
  sort,
}: Pick<SearchQuery, "sort">): ((a: Resource, b: Resource) => number) => {
  const keys = new WeakMap<Resource, readonly Sortable[]>();
  const keysOf = (resource: Resource): readonly Sortable[] => {
    const known = keys.get(resource) ?? sort.map((key) => keyOf(resource, key));
    keys.set(resource, known);
    return known;
  };
  return (a, b) => {
    const [left, right] = [keysOf(a), keysOf(b)];
    for (const [index, { descending }] of sort.entries()) {
      const result = direction(left[index], right[index], descending);
      if (result !== 0) return result;
    }
    return order(a.id, b.id);
  };
};
