import type { Context } from "../core/caller.ts";
import { isKnown } from "../resources/all.ts";
import type { KnownType } from "../resources/declaration.ts";
import { parseExact } from "../resources/exact-json.ts";
import { readFacts } from "./commit-facts.ts";
import { callerId, readFact, type Fact } from "./facts.ts";
import { badCursor, pageBytes } from "./history.ts";
import {
  addressOf,
  compartment,
  factsOfDay,
  factsPrefix,
  historyOf,
  type Address,
} from "./keys.ts";
import { nameOf } from "./items.ts";
import { latestOf } from "./latest.ts";
import { createMerges } from "./merges.ts";
import { createOpener, type Opener } from "./opener.ts";
import { createPermits, type Permits } from "./permits.ts";
import type { HistoryPage, Kept, Stored } from "./records.ts";
import type { Store } from "./store.ts";

export interface ChangesAsked {
  /** All types when absent. */
  readonly type?: KnownType;
  /** Nothing that was changed before. */
  readonly since?: Date;
  readonly count: number;
  readonly cursor?: string;
}

/** A change and where it stands: everything newer is before it. */
interface Change {
  readonly position: string;
  readonly address: Address;
  readonly version: number;
}

/** Facts of changes, newest first, behind a position. */
type Source = (
  after: string | undefined,
) => AsyncIterable<{ readonly position: string; readonly fact: Fact }>;

/**
 * Versions of many resources, newest first. Staff and clinic systems read them from the facts by day; a patient reads the
 * facts of the own record. What the caller may not see is left out, and so is what was erased.
 */
export const changesPage = async (
  store: Store,
  context: Context,
  asked: ChangesAsked,
): Promise<HistoryPage> => {
  const { type, since, count, cursor } = asked;
  const kind = `changes:${callerId(context.by)}:${type ?? ""}:${String(since?.getTime())}`;
  const after =
    cursor === undefined
      ? undefined
      : await store.vault.openToken(kind, cursor);
  if (cursor !== undefined && after === undefined) throw badCursor();
  const merges = createMerges(store.table);
  const permits = createPermits(store, context, merges);
  if (type !== undefined && context.by.kind !== "patient")
    await permits.permit("search", type, undefined);
  const source =
    context.by.kind === "patient"
      ? factsOfPatients(store, await merges.samePerson(context.by.id))
      : factsByDay(store, since);
  const page: Change[] = [];
  let isMore = false;
  for await (const { position, fact } of source(after)) {
    if (since !== undefined && Date.parse(fact.at) < since.getTime()) break;
    // The changes of one commit stay on one page, so that a position is a fact.
    if (page.length >= count && position !== page.at(-1)?.position) {
      isMore = true;
      break;
    }
    for (const { type: of, id, version } of fact.changes) {
      const address = isKnown(of) ? addressOf(of, id) : undefined;
      if (
        address !== undefined &&
        (type === undefined || of === type) &&
        (await permits.permitted("search", address.type, address.patient))
      )
        page.push({ position, address, version });
    }
  }
  const { entries, end } = await versions(createOpener(store), permits, page);
  const facts = readFacts(
    store,
    context,
    entries.flatMap(({ type: of, id, version }) => {
      const address = addressOf(of, id);
      return address === undefined
        ? []
        : [
            {
              type: of,
              id,
              version: Number(version),
              patient: address.patient,
            },
          ];
    }),
  );
  if (facts.length > 0) await store.table.append(facts);
  const last = end ?? (isMore ? page.at(-1)?.position : undefined);
  return {
    entries,
    ...(last !== undefined && {
      next: await store.vault.sealToken(kind, last),
    }),
  };
};

const batchSize = 45;

/**
 * The versions as they were, as many as a page holds; one that is current lies with the current ones, an older one in the
 * history. `end` is the position of the last commit on the page when the others did not fit.
 */
const versions = async (
  opener: Opener,
  { admits, isNarrowed }: Pick<Permits, "admits" | "isNarrowed">,
  changes: readonly Change[],
): Promise<{
  readonly entries: HistoryPage["entries"];
  readonly end?: string | undefined;
}> => {
  const results: (HistoryPage["entries"][number] & Pick<Change, "position">)[] =
    [];
  const entries = (): HistoryPage["entries"] =>
    results.map(({ position: _position, ...entry }) => entry);
  let left = pageBytes;
  for (let start = 0; start < changes.length; start += batchSize) {
    const batch = changes.slice(start, start + batchSize);
    const places = batch.flatMap(({ address, version }) => [
      address,
      { ...address, ...historyOf(address, version) },
    ]);
    const found = await opener.find([
      ...new Map(places.map((place) => [nameOf(place), place])).values(),
    ]);
    const latest = await latestOf(opener, found);
    for (const { position, address, version } of batch) {
      const { type, id } = address;
      const item = found.find(
        (one) =>
          one.address.type === type &&
          one.address.id === id &&
          one.item.v === version,
      )?.item;
      if (item === undefined || opener.isErased(address)) continue;
      const key =
        address.patient === undefined
          ? undefined
          : opener.keyOf(address.patient);
      const last = latest.get(`${type}/${id}`);
      if (last !== undefined && !(await admits("search", last, key))) continue;
      const deleted = item.deleted === true;
      const entry = {
        position,
        type,
        id,
        version: String(version),
        updated: item.updated,
        deleted,
      };
      if (deleted) {
        // Whether narrow scopes reached it nobody knows any more.
        if (!isNarrowed) results.push(entry);
        continue;
      }
      const text = await opener.open(address, item);
      const resource = parseExact(text) as Stored<Kept>;
      if (!(await admits("search", resource, key))) continue;
      left -= Buffer.byteLength(text);
      const whole = results.findLastIndex((one) => one.position !== position);
      if (left < 0 && whole >= 0) {
        results.length = whole + 1;
        return { entries: entries(), end: results[whole]?.position };
      }
      results.push({ ...entry, resource });
    }
  }
  return { entries: entries() };
};

const pageSize = 100;

/** A patient's facts, over all records of that person. */
const factsOfPatients = (
  { table }: Pick<Store, "table">,
  patients: readonly string[],
): Source =>
  async function* (after) {
    let before = after;
    for (;;) {
      const pages = await Promise.all(
        patients.map((patient) =>
          table.query({
            pk: compartment(patient),
            prefix: factsPrefix,
            descending: true,
            limit: pageSize,
            ...(before !== undefined && { after: before }),
          }),
        ),
      );
      const items = pages
        .flatMap((page) => page.items)
        .toSorted((one, other) => (one.sk < other.sk ? 1 : -1))
        .slice(0, pageSize);
      for (const item of items) {
        const fact = readFact(item);
        if (fact.kind === "change") yield { position: item.sk, fact };
      }
      const last = items.at(-1);
      if (last === undefined) return;
      before = last.sk;
    }
  };

const shards = Array.from({ length: 16 }, (_, shard) => shard);
const dayLength = 86_400_000;
/** In days. When for so long nothing was changed, nothing was before. */
const longestSilence = 400;

/** Facts of changes over the whole organization: day by day, the day's shards side by side. */
const factsByDay = (store: Store, since: Date | undefined): Source =>
  async function* (after) {
    const { table, vault, now } = store;
    const version = await vault.indexVersion();
    const began = since ?? (await vault.began());
    let day = dayOf(after?.slice(0, 10) ?? now().toISOString());
    let before = after;
    for (let silence = 0; silence < longestSilence;) {
      if (began !== undefined && day + dayLength < began.getTime()) return;
      const pages = await Promise.all(
        shards.map((shard) =>
          table.query({
            pk: factsOfDay(version, nameOfDay(day), shard),
            descending: true,
            limit: pageSize,
            ...(before !== undefined && { after: before }),
          }),
        ),
      );
      const entries = pages
        .flatMap((page) => page.items)
        .toSorted((one, other) => (one.sk < other.sk ? 1 : -1))
        .slice(0, pageSize);
      const last = entries.at(-1);
      if (last === undefined) {
        day -= dayLength;
        before = undefined;
        silence += 1;
        continue;
      }
      silence = 0;
      before = last.sk;
      const places = entries.map(({ sk }) => factIn(sk));
      const facts = new Map(
        (
          await table.get(
            places.map((place) => ({ table: "records" as const, ...place })),
          )
        ).map((item) => [`${item.pk}|${item.sk}`, item]),
      );
      for (const [index, { pk, sk }] of places.entries()) {
        const item = facts.get(`${pk}|${sk}`);
        const position = entries[index]?.sk;
        if (item?.kind === "change" && position !== undefined)
          yield { position, fact: readFact(item) };
      }
    }
  };

/** `<instant>#<partition of the fact>#<id>`; partitions hold the sign too. */
const factIn = (sk: string): { pk: string; sk: string } => {
  const id = sk.slice(sk.lastIndexOf("#") + 1);
  const pk = sk.slice(sk.indexOf("#") + 1, sk.lastIndexOf("#"));
  return { pk, sk: `${factsPrefix}${id}` };
};

const dayOf = (instant: string): number =>
  Date.parse(`${instant.slice(0, 10)}T00:00:00Z`);
const nameOfDay = (day: number): string =>
  new Date(day).toISOString().slice(0, 10);
