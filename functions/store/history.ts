import type { Context } from "../core/caller.ts";
import { Fault } from "../core/fault.ts";
import { parseExact } from "../resources/exact-json.ts";
import { readFacts } from "./commit-facts.ts";
import { historyOf, type Address } from "./keys.ts";
import { latestOf } from "./latest.ts";
import { createMerges } from "./merges.ts";
import { createPermits, type Permits } from "./permits.ts";
import type { HistoryPage, Kept, Stored } from "./records.ts";
import { asResource, type KeyItem, type ResourceItem } from "./items.ts";
import { createOpener, type Opener } from "./opener.ts";
import type { Store } from "./store.ts";
import { gone, notFound } from "./work.ts";

/** One version, current or earlier. Throws 404 for a version that never was, 410 for the version of a deletion. */
export const versionOf = async (
  store: Store,
  context: Context,
  place: Address,
  version: string,
): Promise<Stored<Kept>> => {
  const { admit } = await permit(store, context, place);
  if (!/^[1-9]\d{0,9}$/.test(version)) throw notFound(place.type);
  const opener = createOpener(store);
  const found = await opener.find([
    place,
    { ...place, ...historyOf(place, Number(version)) },
  ]);
  const item = found.find((one) => String(one.item.v) === version)?.item;
  if (item === undefined) throw notFound(place.type);
  if (item.deleted === true) throw gone(place.type);
  const resource = await opened(opener, place, item);
  await admit("read", resource, keyOf(opener, place));
  if (item.sk !== place.sk) await admitLatest(admit, opener, place, found);
  await noteRead(store, context, place, [Number(version)]);
  return resource;
};

/** Versions of one resource, newest first. */
export const historyPage = async (
  store: Store,
  context: Context,
  place: Address,
  { count, cursor, since }: { count: number; cursor?: string; since?: Date },
): Promise<HistoryPage> => {
  const { admit } = await permit(store, context, place);
  const kind = `history:${place.pk}:${place.sk}`;
  const after =
    cursor === undefined
      ? undefined
      : await store.vault.openToken(kind, cursor);
  if (cursor !== undefined && after === undefined) throw badCursor();
  const opener = createOpener(store);
  const [[current], older] = await Promise.all([
    opener.find([place]),
    store.table.query({
      pk: place.pk,
      prefix: historyOf(place).sk,
      descending: true,
      limit: count + 1,
      ...(after !== undefined && { after }),
    }),
  ]);
  if (current === undefined) throw notFound(place.type);
  await admitLatest(admit, opener, place, [current]);
  const items = [
    ...(after === undefined ? [current.item] : []),
    ...older.items.map(asResource),
  ].filter(
    ({ updated }) =>
      since === undefined || Date.parse(updated) >= since.getTime(),
  );
  const { type, id } = place;
  const page: ResourceItem[] = [];
  const entries: HistoryPage["entries"][number][] = [];
  let left = pageBytes;
  for (const item of items.slice(0, count)) {
    const entry = {
      type,
      id,
      version: String(item.v),
      updated: item.updated,
      deleted: item.deleted === true,
    };
    if (entry.deleted) entries.push(entry);
    else {
      const resource = await opened(opener, place, item);
      await admit("read", resource, keyOf(opener, place));
      left -= Buffer.byteLength(JSON.stringify(resource));
      if (left < 0 && page.length > 0) break;
      entries.push({ ...entry, resource });
    }
    page.push(item);
  }
  await noteRead(
    store,
    context,
    place,
    page.map(({ v }) => v),
  );
  const last = page.at(-1);
  const more =
    items.length > page.length ||
    (older.after !== undefined && items.length === older.items.length);
  return {
    entries,
    ...(more &&
      last !== undefined && {
        next: await store.vault.sealToken(kind, historyOf(place, last.v).sk),
      }),
  };
};

/** What a page of versions may take: Lambda answers at most 6 MB, in which each quotation mark counts twice. */
export const pageBytes = 4_500_000;

export const badCursor = (): Fault =>
  new Fault(
    "InvalidCursor",
    400,
    "The paging cursor is not one of this search. Start again from the first page.",
  );

const keyOf = (opener: Opener, { patient }: Address): KeyItem | undefined =>
  patient === undefined ? undefined : opener.keyOf(patient);

const permit = async (
  store: Store,
  context: Context,
  { type, patient }: Address,
): Promise<Permits> => {
  const permits = createPermits(store, context, createMerges(store.table));
  await permits.permit("read", type, patient);
  return permits;
};

const admitLatest = async (
  admit: Permits["admit"],
  opener: Opener,
  place: Address,
  found: Awaited<ReturnType<Opener["find"]>>,
): Promise<void> => {
  for (const latest of (await latestOf(opener, found)).values())
    await admit("read", latest, keyOf(opener, place));
};

const opened = async (
  opener: Opener,
  place: Address,
  item: ResourceItem,
): Promise<Stored<Kept>> =>
  parseExact(await opener.open(place, item)) as Stored<Kept>;

const noteRead = async (
  store: Store,
  context: Context,
  { type, id, patient }: Address,
  versions: readonly number[],
): Promise<void> => {
  const facts = readFacts(
    store,
    context,
    versions.map((version) => ({ type, id, version, patient })),
  );
  if (facts.length > 0) await store.table.append(facts);
};
