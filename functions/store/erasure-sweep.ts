import { bookedActor } from "../core/erasure.ts";
import type { Key } from "./keys.ts";
import {
  addressOf,
  bucketsOf,
  claimOf,
  compartment,
  emergencyEntry,
  historyOf,
  sourceOf,
} from "./keys.ts";
import { asResource, keyNamed, nameOf, type ResourceItem } from "./items.ts";
import { allOf } from "./overlay.ts";
import { isKnown } from "../resources/all.ts";
import type { Store } from "./store.ts";
import { held, type Item, type Write } from "./table.ts";

type Swept = Pick<Store, "table" | "newId">;

/** What of a compartment outlives the patient, ids only: facts, how the erasure went, and that the patient is gone. */
const isKept = ({ sk, deleted }: Item): boolean =>
  sk === "ERASURE" ||
  sk.startsWith("F#") ||
  (isPatient(sk) && deleted === true);

/** Nobody deletes a Patient otherwise. */
const isPatient = (sk: string): boolean => sk.startsWith("A#Patient#");

/** Everything in a compartment but its facts, of which there may be thousands. */
const ranges = [
  [" ", "F"],
  ["F$", "~"],
] as const;
const pageSize = 40;
const writesAtOnce = 90;

/** The items of a compartment that an erasure removes, page after page. */
export async function* erasable(
  { table }: Pick<Store, "table">,
  patient: string,
): AsyncIterable<readonly Item[]> {
  for (const between of ranges) {
    let after: string | undefined;
    do {
      const page = await table.query({
        pk: compartment(patient),
        between,
        limit: pageSize,
        ...(after !== undefined && { after }),
      });
      yield page.items.filter((item) => !isKept(item));
      ({ after } = page);
    } while (after !== undefined);
  }
}

/** True when something may be left. What is removed stays removed, so a sweep that broke goes on. */
export const sweepCompartment = async (
  store: Swept,
  patient: string,
  isFull: () => boolean,
): Promise<boolean> => {
  for await (const items of erasable(store, patient)) {
    if (items.length === 0) continue;
    if (isFull()) return true;
    await removeItems(store, patient, items);
  }
  return false;
};

/** First what points to the items; only when that is seen to be gone, the items, which know of it. */
const removeItems = async (
  store: Swept,
  patient: string,
  items: readonly Item[],
): Promise<void> => {
  const pointers = new Map<string, Key>();
  for (const item of items) {
    if (item.sk.startsWith("L#")) await unname(store, patient, item.sk);
    for (const key of await pointersOf(store, item))
      pointers.set(nameOf(key), key);
  }
  await removeAll(store, [...pointers.values()]);
  await mustBeGone(store, [...pointers.values()]);
  await removeAll(
    store,
    items.filter(({ sk }) => !isPatient(sk)),
  );
  for (const item of items)
    if (isPatient(item.sk)) await leaveTombstone(store, asResource(item));
};

const leaveTombstone = async (
  { table, newId }: Swept,
  { pk, sk, v, id, updated }: ResourceItem,
): Promise<void> => {
  const commit = newId();
  const put = { pk, sk, v: v + 1, id, updated, commit, deleted: true };
  await table.commit([{ put, guard: { version: v } }], commit);
};

const pointersOf = async (
  store: Swept,
  item: Item,
): Promise<readonly Key[]> => {
  if (item.sk.startsWith("G#") && typeof item.until === "string")
    return [emergencyEntry(item.until, item)];
  if (item.sk.startsWith("S#")) return [sourceOf(item.sk.slice("S#".length))];
  if (!/^[AH]#/.test(item.sk)) return [];
  const { id, indexed = [], unique = [], links = [] } = asResource(item);
  const type = item.sk.split("#")[1] ?? "";
  const holder = `${type}/${id}`;
  return [
    ...[...indexed, ...links].map(keyNamed),
    ...(await heldBy(store, holder, unique.map(keyNamed))),
    ...(type === "Appointment"
      ? await claimsOf(store, holder, indexed.map(keyNamed))
      : []),
  ];
};

/** What another resource holds by now is its own. */
const heldBy = async (
  { table }: Swept,
  holder: string,
  keys: readonly Key[],
): Promise<readonly Key[]> =>
  keys.length === 0
    ? []
    : (
        await table.get(keys.map((key) => ({ table: "records", ...key })))
      ).filter((item) => item.holder === holder);

/** The rows of time that an appointment holds, found by the day lists in which it stands. */
const claimsOf = async (
  store: Swept,
  holder: string,
  entries: readonly Key[],
): Promise<readonly Key[]> =>
  (
    await Promise.all(
      entries.flatMap((entry) => {
        const booked = bookedActor(entry);
        return booked === undefined ? [] : claimsHeld(store, holder, booked);
      }),
    )
  ).flat();

/** Rows of an actor's time around a start that this holder has. */
export const claimsHeld = async (
  { table }: Pick<Store, "table">,
  holder: string,
  {
    actor,
    from,
    until = new Date(Date.parse(from) + longestHold).toISOString(),
  }: {
    readonly actor: string;
    readonly from: string;
    readonly until?: string;
  },
): Promise<readonly Key[]> => {
  const buckets = bucketsOf(from, until);
  const items = await allOf(table, {
    pk: claimOf(actor, "", 0).pk,
    between: [buckets[0] ?? "", `${buckets.at(-1) ?? ""}~`],
  });
  return items.filter((item) => item.holder === holder);
};

/** As many rows as one transaction holds. */
const longestHold = 100 * 5 * 60_000;

/** A resource of somebody else names the patient: its item and its earlier versions no longer say so in clear. */
const unname = async (
  { table, newId }: Swept,
  patient: string,
  sk: string,
): Promise<void> => {
  const [, type = "", id = ""] = sk.split("#");
  const address = isKnown(type) ? addressOf(type, id) : undefined;
  if (address === undefined || address.patient === patient) return;
  const at = `${compartment(patient)}|`;
  const names = ({ links = [] }: ResourceItem): boolean =>
    links.some((link) => link.startsWith(at));
  const place = { table: "records", pk: address.pk, sk: address.sk } as const;
  for (let attempt = 1; attempt <= 5; attempt += 1) {
    const versions = [
      ...(await table.get([place])).map(({ table: _table, ...item }) => item),
      ...(await allOf(table, {
        pk: address.pk,
        prefix: historyOf(address).sk,
      })),
    ]
      .map(asResource)
      .filter(names);
    let isDone = true;
    for (const item of versions) {
      const links = item.links?.filter((link) => !link.startsWith(at)) ?? [];
      const put = { ...item, links } as unknown as Item;
      const guard = { version: item.v };
      isDone = (await held(table.commit([{ put, guard }], newId()))) && isDone;
    }
    if (isDone) return;
  }
  throw new Error("a resource that names the patient keeps changing");
};

export const removeAll = async (
  { table, newId }: Swept,
  keys: readonly Key[],
): Promise<void> => {
  for (let from = 0; from < keys.length; from += writesAtOnce) {
    const [first, ...rest] = keys
      .slice(from, from + writesAtOnce)
      .map(({ pk, sk }): Write => ({ remove: { pk, sk }, guard: "any" }));
    if (first !== undefined) await table.commit([first, ...rest], newId());
  }
};

const mustBeGone = async (
  { table }: Swept,
  keys: readonly Key[],
): Promise<void> => {
  for (let from = 0; from < keys.length; from += writesAtOnce) {
    const found = await table.get(
      keys
        .slice(from, from + writesAtOnce)
        .map(({ pk, sk }) => ({ table: "records", pk, sk })),
    );
    if (found.length > 0)
      throw new Error("what pointed to an erased record is still there");
  }
};
