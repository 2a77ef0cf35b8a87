import { matches } from "./match.ts";
import type { Filter } from "./query.ts";

const told: ReadonlySet<string> = new Set(["_id", "_lastUpdated"]);

/** Whether a resource can answer the filter as far as its id and the time of its last change tell. */
export const matchesHints = (
  { type, criteria, country }: Filter,
  { id, updated }: { readonly id: string; readonly updated: string },
): boolean => {
  const known = criteria.filter(({ parameter: { name } }) => told.has(name));
  return (
    known.length === 0 ||
    matches({ type, country, criteria: known }, {
      resourceType: type,
      id,
      meta: { lastUpdated: updated },
    } as never)
  );
};
