import type { Context } from "../core/caller.ts";
import type { SearchQuery } from "../resources/search.ts";
import type { SearchResult } from "./records.ts";
import type { Store } from "./work.ts";
export const search = (
  _s: Store,
  _c: Context,
  _q: SearchQuery,
): Promise<SearchResult> => Promise.reject(new Error("not yet"));
