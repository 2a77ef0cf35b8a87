import { Fault } from "../../core/fault.ts";
import { isNarrowed } from "../../core/permission.ts";
import type { SearchQuery } from "../../resources/search/query.ts";
import { partitionOf } from "../index-entries.ts";
import { addressOf } from "../keys.ts";
import type { Store } from "../store.ts";
import type { Search } from "./candidates.ts";
import type { Cursor } from "./cursor.ts";
import { permitType, visible } from "./found.ts";
import { growingPage, type Page } from "./page.ts";

const shards = 16;

/** A page of all patients by id: it costs as much among a thousand as among a million. */
export const everyPatient = async (
  search: Search,
  query: SearchQuery,
  cursor: Cursor | undefined,
): Promise<Page> => {
  const descending = isDescending(query);
  const partitions = await listPartitions(search.store);
  const after = typeof cursor?.at === "string" ? cursor.at : undefined;
  const ids =
    query.count === 0
      ? []
      : await idsBehind(search.store, partitions, {
          after,
          descending,
          limit: query.count + 1,
        });
  const isCounted =
    (query.count === 0 || query.total === "accurate") &&
    (await mayCount(search, query));
  await permitType(search, "Patient");
  const page = growingPage(query);
  const next = await fill(search, page, ids.slice(0, query.count));
  return {
    reads: page.reads,
    total:
      cursor?.total ??
      (isCounted ? await count(search.store, partitions) : undefined),
    next: next ?? (ids.length > query.count ? ids[query.count - 1] : undefined),
  };
};

/** Their number is told to who may find them all. Throws 403, 400 when nothing else was asked. */
const mayCount = async (
  { reader, context }: Search,
  { count: wanted }: SearchQuery,
): Promise<boolean> => {
  if (wanted === 0) {
    await reader.permit("search", "Patient", undefined);
    if (isNarrowed(context))
      throw new Fault(
        "SearchTooWide",
        400,
        "The scopes of this token reach some patients only, who are not counted. Search for them.",
        { code: "too-costly", expression: ["_summary"] },
      );
  }
  return (
    !isNarrowed(context) &&
    (await reader.permitted("search", "Patient", undefined))
  );
};

/** Puts patients on the page; gives the id behind which it was full. */
const fill = async (
  search: Search,
  page: ReturnType<typeof growingPage>,
  ids: readonly string[],
): Promise<string | undefined> => {
  let last: string | undefined;
  for (let from = 0; from < ids.length; from += handful) {
    const addresses = ids
      .slice(from, from + handful)
      .flatMap((id) => addressOf("Patient", id) ?? []);
    const seen = await visible(search, addresses);
    for (const read of await search.reader.load(seen)) {
      if (!page.takes(read)) return last;
      last = read.resource.id;
    }
  }
  return undefined;
};

const handful = 50;

/** Throws 400 for an order that would have to read all patients. */
const isDescending = ({ sort: [first] }: SearchQuery): boolean => {
  if (first === undefined) return false;
  if (first.parameter.name === "_id") return first.descending;
  throw new Fault(
    "SearchTooWide",
    400,
    "All patients come in the order of their ids: _sort takes _id or -_id here. For another order, add what narrows the search.",
    { code: "too-costly", expression: ["_sort"] },
  );
};

const listPartitions = async ({ vault }: Store): Promise<readonly string[]> => {
  const version = await vault.indexVersion();
  return Promise.all(
    Array.from({ length: shards }, (_, shard) =>
      partitionOf(
        vault,
        version,
        { type: "Patient" },
        { list: "all", key: [String(shard)], hashed: false },
      ),
    ),
  );
};

const idsBehind = async (
  { table }: Store,
  partitions: readonly string[],
  {
    after,
    descending,
    limit,
  }: {
    readonly after: string | undefined;
    readonly descending: boolean;
    readonly limit: number;
  },
): Promise<readonly string[]> => {
  const pages = await Promise.all(
    partitions.map((pk) =>
      table.query({
        pk,
        limit,
        descending,
        ...(after !== undefined && { after: `#${after}` }),
      }),
    ),
  );
  const ids = pages
    .flatMap(({ items }) => items)
    .map(({ sk }) => sk.slice(1))
    .sort();
  return (descending ? ids.reverse() : ids).slice(0, limit);
};

const count = async (
  { table }: Store,
  partitions: readonly string[],
): Promise<number> => {
  const counts = await Promise.all(
    partitions.map(async (pk) => {
      let [counted, after]: [number, string | undefined] = [0, undefined];
      do {
        const page = await table.query({
          pk,
          ...(after !== undefined && { after }),
        });
        counted += page.items.length;
        ({ after } = page);
      } while (after !== undefined);
      return counted;
    }),
  );
  return counts.reduce((sum, one) => sum + one, 0);
};
