import { Fault } from "../../core/fault.ts";
import type { SearchQuery } from "../../resources/search/query.ts";
import type { Place } from "../../resources/search/sort.ts";
import type { Search } from "./candidates.ts";
import type { Cursor } from "./cursor.ts";
import { found, type Near } from "./found.ts";
import type { Read } from "./reader.ts";
import { sortedPage } from "./sorted-page.ts";

export interface Page {
  readonly reads: readonly Read[];
  /** Undefined when not all were counted. */
  readonly total: number | undefined;
  /** Behind what the next page begins; undefined on the last. */
  readonly next: string | Place | undefined;
}

/** Bytes of JSON on a page; Lambda answers with 6 MB at most, in which each quotation mark counts twice. */
export const pageBytes = 4_500_000;
/** Bytes that an unsorted page may look through before it is handed out, full or not. */
const mostLookedThrough = 16_000_000;
const mostSorted = 64_000_000;

/** Bytes that the page's matches may take: half, where others come along. */
export const matchBytes = ({ include, revinclude }: SearchQuery): number =>
  include.length + revinclude.length > 0 ? pageBytes / 2 : pageBytes;

export const pageOf = (
  search: Search,
  query: SearchQuery,
  candidates: Near,
  cursor: Cursor | undefined,
): Promise<Page> =>
  query.sort.length > 0 && query.count > 0
    ? sorted(search, query, candidates, cursor)
    : inOrder(search, query, candidates, cursor);

/** In the order of storage: goes on exactly behind the last page, and stops when the page is full. */
const inOrder = async (
  search: Search,
  query: SearchQuery,
  candidates: Near,
  cursor: Cursor | undefined,
): Promise<Page> => {
  const isExact = query.count === 0 || query.total === "accurate";
  const isCounting =
    cursor === undefined && (isExact || query.total !== "none");
  const page = growingPage(query);
  let [lookedThrough, counted] = [0, 0];
  let at = typeof cursor?.at === "string" ? cursor.at : "";
  let next: string | undefined;
  for await (const some of found(search, query, candidates, {
    after: at,
    ...(!isCounting && { atFirst: query.count + 1 }),
  })) {
    counted += some.matches.length;
    if (query.count > 0)
      for (const match of some.matches) {
        if (next !== undefined) break;
        if (page.takes(match)) ({ at } = match);
        else next = at;
      }
    at = some.at ?? at;
    lookedThrough += some.size;
    const isFull = next !== undefined && !isCounting;
    if (isFull || (lookedThrough > mostLookedThrough && !isExact)) {
      return { reads: page.reads, total: cursor?.total, next: next ?? at };
    }
  }
  return {
    reads: page.reads,
    total: cursor?.total ?? (isCounting ? counted : undefined),
    next,
  };
};

/** Takes matches until it is full by number or by bytes; one it always takes. */
export const growingPage = (query: SearchQuery) => {
  const reads: Read[] = [];
  let left = matchBytes(query);
  return {
    reads,
    takes: (read: Read): boolean => {
      const fits =
        reads.length < query.count && (reads.length === 0 || read.size <= left);
      if (fits) reads.push(read);
      left -= fits ? read.size : 0;
      return fits;
    },
  };
};

/** In the order asked for: everything is looked through, but no more than a page is kept. */
const sorted = async (
  search: Search,
  query: SearchQuery,
  candidates: Near,
  cursor: Cursor | undefined,
): Promise<Page> => {
  const after = typeof cursor?.at === "string" ? undefined : cursor?.at;
  const page = sortedPage(query, after, matchBytes(query));
  let [lookedThrough, total] = [0, 0];
  for await (const { matches, size } of found(search, query, candidates)) {
    total += matches.length;
    for (const match of matches) page.offer(match);
    lookedThrough += size;
    if (lookedThrough > mostSorted)
      throw new Fault(
        "SearchTooWide",
        400,
        "Too much answers to this to be sorted. Leave out _sort, or add what narrows the search.",
        { code: "too-costly", expression: ["_sort"] },
      );
  }
  const { reads, next } = page.taken();
  return { reads, total, next };
};
