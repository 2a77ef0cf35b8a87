import type { SearchQuery } from "../../resources/search/query.ts";
import {
  comparePlaces,
  placeOf,
  type Place,
} from "../../resources/search/sort.ts";
import type { Read } from "./reader.ts";

interface Kept extends Read {
  readonly place: Place;
}

/** Keeps, of all that is offered, the page behind `after`: at most `count` resources and `bytes` of JSON, but one at least. */
export const sortedPage = (
  query: Pick<SearchQuery, "sort" | "count">,
  after: Place | undefined,
  bytes: number,
) => {
  const kept: Kept[] = [];
  let size = 0;
  /** The first of what did not fit: nothing from there on belongs to this page. */
  let end: Place | undefined;

  const isBefore = (one: Place, other: Place): boolean =>
    comparePlaces(query, one, other) < 0;

  const indexFor = (place: Place): number => {
    let [low, high] = [0, kept.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      const there = kept[middle];
      if (there !== undefined && isBefore(there.place, place)) low = middle + 1;
      else high = middle;
    }
    return low;
  };

  return {
    offer: (read: Read): void => {
      const place = placeOf(query, read.resource);
      if (after !== undefined && !isBefore(after, place)) return;
      if (end !== undefined && !isBefore(place, end)) return;
      kept.splice(indexFor(place), 0, { ...read, place });
      size += read.size;
      while (kept.length > query.count || (size > bytes && kept.length > 1)) {
        const last = kept.pop();
        size -= last?.size ?? 0;
        end = last?.place;
      }
    },
    taken: (): {
      readonly reads: readonly Read[];
      readonly next: Place | undefined;
    } => ({
      reads: kept,
      next: end === undefined ? undefined : kept.at(-1)?.place,
    }),
  };
};
