import type { Context } from "../../core/caller.ts";
import type { KnownType } from "../../resources/declaration.ts";
import {
  asKey,
  asMerge,
  asResource,
  nameOf,
  type KeyItem,
  type ResourceItem,
} from "../items.ts";
import {
  addressOf,
  currentOf,
  mergeOf,
  patientKeyPlace,
  type Address,
} from "../keys.ts";
import { isErased } from "../erased.ts";
import { createMerges } from "../merges.ts";
import { createPermits } from "../permits.ts";
import type { Kept, Stored } from "../records.ts";
import type { Store } from "../store.ts";
import type { Item, Range } from "../table.ts";
import type { OpenWork } from "../work.ts";

/** A resource as it was read, with the bytes of its JSON. */
export interface Read {
  readonly resource: Stored<Kept>;
  readonly size: number;
  /** Its JSON, where the resource itself does not know how its numbers were written: comparing does without. */
  readonly text: string | undefined;
}

/** Current resources of one partition. */
export interface Stretch {
  readonly type: KnownType;
  readonly pk: string;
  readonly between?: readonly [string, string];
  /** Continue behind this sort key. */
  readonly after?: string;
  /** So many items at first, then more and more; without it as many as come. */
  readonly atFirst?: number;
}

/** What the table says of a resource beside its body: enough to leave some closed. */
export type Hints = Pick<ResourceItem, "id" | "updated">;

/** How a search reads the record. What was deleted or erased is not there. */
export interface Reader extends Pick<
  OpenWork,
  "permit" | "permitted" | "samePerson"
> {
  load(addresses: readonly Address[]): Promise<readonly Read[]>;
  /** In the order of ids, a handful at a time. */
  stretch(
    stretch: Stretch,
    wanted: (hints: Hints) => boolean,
  ): AsyncIterable<readonly Read[]>;
  /** Ids that a partition of index entries or links lists, at most about so many. */
  listed(pk: string, prefix: string, most: number): Promise<readonly string[]>;
}

const handful = 100;

/** Reads the table as it is now. */
export const tableReader = (store: Store, context: Context): Reader => {
  const { table, vault } = store;
  const merges = createMerges(table);
  const permits = createPermits(store, context, merges);
  const keys = new Map<string, Promise<KeyItem | undefined>>();

  const keyOf = (patient: string): Promise<KeyItem | undefined> => {
    const known =
      keys.get(patient) ??
      table
        .get([patientKeyPlace(patient)])
        .then(([item]) => (item === undefined ? undefined : asKey(item)));
    keys.set(patient, known);
    return known;
  };

  const opened = async (
    type: KnownType,
    { id, v, body, key }: ResourceItem,
  ): Promise<Read | undefined> => {
    const address = addressOf(type, id);
    if (address === undefined || body === undefined || key === undefined)
      return undefined;
    const { patient } = address;
    try {
      const keyItem = patient === undefined ? undefined : await keyOf(patient);
      const text = await vault.open(
        { reference: `${type}/${id}`, version: v },
        { body, key },
        keyItem,
      );
      const resource = JSON.parse(text) as Stored<Kept>;
      if (!(await permits.admits("search", resource, keyItem)))
        return undefined;
      return { resource, text, size: Buffer.byteLength(text) };
    } catch (error) {
      if (isErased(error)) return undefined;
      throw error;
    }
  };

  const loadSome = async (
    addresses: readonly Address[],
  ): Promise<readonly Read[]> => {
    const patients = new Set(
      addresses.flatMap(({ patient }) =>
        patient === undefined || keys.has(patient) ? [] : [patient],
      ),
    );
    const found = await table.get([
      ...addresses.map(({ pk, sk }) => ({ table: "records" as const, pk, sk })),
      ...[...patients].map(patientKeyPlace),
    ]);
    const items = new Map<string, ResourceItem>();
    for (const patient of patients)
      keys.set(patient, Promise.resolve(undefined));
    for (const { table: from, ...item } of found)
      if (from === "keys")
        keys.set(
          item.pk.slice("PATIENT#".length),
          Promise.resolve(asKey(item)),
        );
      else items.set(nameOf(item), asResource(item));
    const reads = await Promise.all(
      addresses.map(async (address) => {
        const item = items.get(nameOf(address));
        return item === undefined ? undefined : opened(address.type, item);
      }),
    );
    return reads.filter((read) => read !== undefined);
  };

  return {
    ...permits,
    samePerson: async (patient) => {
      // One batch with the key, which comes next.
      const [place, merge] = [patientKeyPlace(patient), mergeOf(patient)];
      const found = table.get([place, { table: "records", ...merge }]);
      keys.set(
        patient,
        found.then(
          (items) =>
            items.filter(({ table: from }) => from === "keys").map(asKey)[0],
        ),
      );
      const item = (await found).find(({ table: from }) => from === "records");
      merges.know(patient, item && asMerge(item));
      return merges.samePerson(patient);
    },
    load: async (addresses) => {
      const reads: Read[] = [];
      // A resource and its patient's key: two keys of a batch of 100.
      for (const some of handfuls(addresses, handful / 2))
        reads.push(...(await loadSome(some)));
      return reads;
    },
    stretch: async function* ({ type, pk, between, after, atFirst }, wanted) {
      const range = {
        pk,
        ...(between === undefined ? { prefix: currentOf(type) } : { between }),
        ...(after !== undefined && { after }),
        ...(atFirst !== undefined && { limit: atFirst }),
      };
      if (pk.startsWith("PATIENT#"))
        keyOf(pk.slice("PATIENT#".length)).catch(() => undefined);
      for await (const items of pagesOf(table, range))
        for (const some of handfuls(items, handful)) {
          const reads: Read[] = [];
          // One after the other: unsealing keeps the processor busy, not the line.
          for (const item of some.map(asResource))
            if (wanted(item)) {
              const read = await opened(type, item);
              if (read !== undefined) reads.push(read);
            }
          yield reads;
        }
    },
    listed: async (pk, prefix, most) => {
      const ids: string[] = [];
      const range = { pk, ...(prefix !== "" && { prefix }) };
      for await (const items of pagesOf(table, range)) {
        for (const { sk } of items) ids.push(idIn(sk));
        if (ids.length > most) break;
      }
      return ids;
    },
  };
};

/** A limit doubles from page to page. */
async function* pagesOf(
  table: Store["table"],
  range: Range,
): AsyncGenerator<readonly Item[]> {
  let [after, limit] = [range.after, range.limit];
  do {
    const page = await table.query({
      ...range,
      ...(after !== undefined && { after }),
      ...(limit !== undefined && { limit }),
    });
    yield page.items;
    ({ after } = page);
    limit = limit === undefined ? undefined : limit * 2;
  } while (after !== undefined);
}

const idIn = (sk: string): string => sk.slice(sk.lastIndexOf("#") + 1);

const handfuls = function* <T>(
  list: readonly T[],
  size: number,
): Generator<readonly T[]> {
  for (let at = 0; at < list.length; at += size)
    yield list.slice(at, at + size);
};
