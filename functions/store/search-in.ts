import type { Context } from "../core/caller.ts";
import type { KnownType } from "../resources/declaration.ts";
import { loadSearch, parseSearch } from "../resources/search.ts";
import type { Kept, Stored } from "./records.ts";
import { matchesIn } from "./search.ts";
import type { Store } from "./store.ts";
import type { OpenWork } from "./work.ts";

/** What answers to criteria, read through a unit of work. Throws 400 for criteria that are unknown or too wide. */
export const searchIn = async (
  store: Store,
  context: Context,
  work: OpenWork,
  {
    type,
    criteria,
    limit,
  }: {
    readonly type: KnownType;
    readonly criteria: readonly (readonly [string, string])[];
    readonly limit: number;
  },
): Promise<readonly Stored<Kept>[]> => {
  await loadSearch(type, criteria);
  const query = parseSearch(type, criteria, {
    strict: true,
    country: store.country,
  });
  return matchesIn(store, context, work, query, limit);
};
