import type { Context } from "../core/caller.ts";
import type { SearchQuery } from "../resources/search/query.ts";
import type { Kept, SearchResult, Stored } from "./records.ts";
import type { Store } from "./store.ts";
import type { OpenWork } from "./work.ts";

/** One page of a search: key condition first, then unseal, then filter; one fact per patient in the result. */
export const search = async (
  store: Store,
  context: Context,
  query: SearchQuery,
): Promise<SearchResult> => {
  const { answerTo } = await import("./search/answer.ts");
  return answerTo(store, context, query);
};

/** All matches as one unit of work sees them, its own changes included: at most `limit`, without facts or pages. */
export const matchesIn = async (
  store: Store,
  context: Context,
  work: OpenWork,
  query: SearchQuery,
  limit: number,
): Promise<readonly Stored<Kept>[]> => {
  const { matchesWithin } = await import("./search/answer.ts");
  return matchesWithin(store, context, work, query, limit);
};
