import { Fault } from "../core/fault.ts";
import { declarations, isKnown } from "../resources/all.ts";
import type { KnownType } from "../resources/declaration.ts";
import { parseExact } from "../resources/exact-json.ts";
import {
  asKey,
  asMerge,
  asResource,
  nameOf,
  type KeyItem,
  type ResourceItem,
} from "./items.ts";
import {
  addressOf,
  compartment,
  currentOf,
  mergeOf,
  patientKeyPlace,
  type Address,
} from "./keys.ts";
import type { Merges } from "./merges.ts";
import type { Kept, Stored } from "./records.ts";
import type { Store } from "./store.ts";
import type { Item, Range } from "./table.ts";

/** What a work knows of one resource: what the table held, and what the work makes of it. */
export interface Cell {
  readonly address: Address;
  readonly before:
    | {
        readonly item: ResourceItem;
        readonly resource: Stored<Kept> | undefined;
      }
    | undefined;
  change?: {
    readonly after: Stored<Kept> | undefined;
    readonly version: number;
    readonly what: string;
  };
  relied?: true;
}

export interface Seen {
  readonly type: KnownType;
  readonly id: string;
  readonly version: number;
  readonly patient: string | undefined;
}

/** The table as one unit of work sees it: what it read, remembered, under what it changed. */
export interface Overlay {
  readonly cells: ReadonlyMap<string, Cell>;
  readonly seen: ReadonlyMap<string, Seen>;
  readonly newKeys: readonly KeyItem[];
  /** Up to 100 keys cost one BatchGetItem, patients' keys included. */
  load(
    addresses: readonly Address[],
  ): Promise<readonly (Stored<Kept> | undefined)[]>;
  /** As `load`, but what is looked at does not count as seen. */
  peek(
    addresses: readonly Address[],
  ): Promise<readonly (Stored<Kept> | undefined)[]>;
  /** The next `load` that has to read brings these along. */
  expect(addresses: readonly Address[]): void;
  /** Every current resource of a type in a partition. */
  current(
    pk: string,
    type: KnownType,
    between?: readonly [string, string],
  ): Promise<readonly Stored<Kept>[]>;
  cell(address: Address): Cell | undefined;
  value(address: Address): Stored<Kept> | undefined;
  stage(address: Address, change: NonNullable<Cell["change"]>): void;
  rely(address: Address): void;
  addKey(patient: string, item: KeyItem): void;
  /** A patient's key item as this work read it. */
  keyItem(patient: string): KeyItem | undefined;
  /** Throws UnknownPatient (422). */
  keyOf(patient: string): Promise<KeyItem>;
}

const mostKeys = 2000;
const batchSize = 100;

export const createOverlay = (
  { table, vault, keyItems: lately }: Store,
  merges: Pick<Merges, "know" | "isKnown">,
): Overlay => {
  const cells = new Map<string, Cell>();
  const seen = new Map<string, Seen>();
  const keyItems = new Map<string, KeyItem>();
  const newKeys: KeyItem[] = [];
  let expected: readonly Address[] = [];

  const remember = (patient: string, item: KeyItem): void => {
    keyItems.set(patient, item);
    if (lately.size >= mostKeys)
      lately.delete(lately.keys().next().value ?? "");
    lately.set(patient, item);
  };

  const opened = async (
    { type, id, patient }: Address,
    { body, key, v }: ResourceItem,
  ): Promise<Stored<Kept>> => {
    if (body === undefined || key === undefined)
      throw new Error("an item of the record has no body");
    const keyItem = patient === undefined ? undefined : keyItems.get(patient);
    return parseExact(
      await vault.open(
        { reference: `${type}/${id}`, version: v },
        { body, key },
        keyItem,
      ),
    ) as Stored<Kept>;
  };

  const settle = async (
    address: Address,
    item: ResourceItem | undefined,
  ): Promise<void> => {
    if (cells.has(nameOf(address))) return;
    const before =
      item === undefined
        ? undefined
        : {
            item,
            resource:
              item.deleted === true ? undefined : await opened(address, item),
          };
    cells.set(nameOf(address), { address, before });
  };

  const value = (address: Address): Stored<Kept> | undefined => {
    const cell = cells.get(nameOf(address));
    return cell?.change === undefined
      ? cell?.before?.resource
      : cell.change.after;
  };

  const look = (address: Address): Stored<Kept> | undefined => {
    const { type, id, patient } = address;
    const before = cells.get(nameOf(address))?.before;
    if (before !== undefined)
      seen.set(nameOf(address), { type, id, version: before.item.v, patient });
    return value(address);
  };

  const bring = async (addresses: readonly Address[]): Promise<void> => {
    if (addresses.some((address) => !cells.has(nameOf(address)))) {
      const missing = [
        ...new Map(
          [...addresses, ...expected]
            .filter((address) => !cells.has(nameOf(address)))
            .map((address) => [nameOf(address), address]),
        ).values(),
      ];
      expected = [];
      const patients = new Set(
        missing.flatMap(({ patient }) =>
          patient === undefined || keyItems.has(patient) ? [] : [patient],
        ),
      );
      const places = [
        ...missing.map(({ pk, sk }) => ({ table: "records" as const, pk, sk })),
        ...[...patients].map(patientKeyPlace),
      ];
      const found = (
        await Promise.all(inBatches(places).map((batch) => table.get(batch)))
      ).flat();
      const items = new Map<string, ResourceItem>();
      for (const { table: from, ...item } of found) {
        if (from === "keys")
          remember(item.pk.slice("PATIENT#".length), asKey(item));
        else items.set(nameOf(item), asResource(item));
      }
      await Promise.all(
        missing.map((address) => settle(address, items.get(nameOf(address)))),
      );
    }
  };

  const load: Overlay["load"] = async (addresses) => {
    await bring(addresses);
    return addresses.map(look);
  };

  const current: Overlay["current"] = async (pk, type, between) => {
    const patient = pk.startsWith("PATIENT#")
      ? pk.slice("PATIENT#".length)
      : undefined;
    const readKey = async (): Promise<void> => {
      if (patient === undefined) return;
      const isMergeKnown = merges.isKnown(patient);
      const places = [
        ...(keyItems.has(patient) ? [] : [patientKeyPlace(patient)]),
        ...(isMergeKnown
          ? []
          : [{ table: "records" as const, ...mergeOf(patient) }]),
      ];
      if (places.length === 0) return;
      const found = await table.get(places);
      const key = found.find(({ table: from }) => from === "keys");
      if (key !== undefined) remember(patient, asKey(key));
      const merge = found.find(({ table: from }) => from === "records");
      if (!isMergeKnown)
        merges.know(patient, merge === undefined ? undefined : asMerge(merge));
    };
    const [items] = await Promise.all([
      allOf(
        table,
        between === undefined
          ? { pk, prefix: currentOf(type) }
          : { pk, between },
      ),
      readKey(),
    ]);
    const found = items.map((item) => ({
      address: addressAt(type, pk, item.sk),
      item,
    }));
    await Promise.all(
      found.map(({ address, item }) => settle(address, asResource(item))),
    );
    const created = [...cells.values()].filter(
      ({ before, change, address }) =>
        before === undefined &&
        change !== undefined &&
        address.pk === pk &&
        address.type === type,
    );
    return [...found, ...created]
      .map(({ address }) => look(address))
      .filter((resource) => resource !== undefined);
  };

  return {
    cells,
    seen,
    newKeys,
    load,
    peek: async (addresses) => {
      await bring(addresses);
      return addresses.map(value);
    },
    expect: (addresses) => {
      expected = [...expected, ...addresses];
    },
    current,
    value,
    cell: (address) => cells.get(nameOf(address)),
    stage: (address, change) => {
      const cell = cells.get(nameOf(address));
      cells.set(nameOf(address), {
        ...cell,
        address,
        before: cell?.before,
        change,
      });
    },
    rely: (address) => {
      const cell = cells.get(nameOf(address));
      if (cell !== undefined) cell.relied = true;
    },
    addKey: (patient, item) => {
      newKeys.push(item);
      keyItems.set(patient, item);
    },
    keyItem: (patient) => keyItems.get(patient),
    keyOf: async (patient) => {
      const known = keyItems.get(patient) ?? lately.get(patient);
      if (known !== undefined) return known;
      const [item] = await table.get([patientKeyPlace(patient)]);
      if (item === undefined) throw unknownPatient();
      remember(patient, asKey(item));
      return asKey(item);
    },
  };
};

/** All items of a range, page after page. */
export const allOf = async (
  table: Store["table"],
  range: Range,
): Promise<readonly Item[]> => {
  const items: Item[] = [];
  let after: string | undefined;
  do {
    const page = await table.query({
      ...range,
      ...(after !== undefined && { after }),
    });
    items.push(...page.items);
    ({ after } = page);
  } while (after !== undefined);
  return items;
};

/** The addresses of literal references; what is none of ours is left out. */
export const addressesIn = (
  references: readonly string[],
): readonly Address[] =>
  references.flatMap((reference) => addressIn(reference) ?? []);

export const addressIn = (reference: string): Address | undefined => {
  const [type = "", id = ""] = reference.split("/");
  return isKnown(type) ? addressOf(type, id) : undefined;
};

export const unknownPatient = (): Fault =>
  new Fault(
    "UnknownPatient",
    422,
    "The patient that the resource belongs to is not in this record.",
    { code: "not-found" },
  );

const addressAt = (type: KnownType, pk: string, sk: string): Address => {
  const local = sk.slice(currentOf(type).length);
  const owner = pk.slice(pk.indexOf("#") + 1);
  const { home } = declarations[type];
  const id =
    home === "self"
      ? owner
      : home === "schedule" || pk === compartment(owner)
        ? `${owner}-${local}`
        : local;
  const address = addressOf(type, id);
  if (address === undefined)
    throw new Error(
      `an item of type ${type} lies under a key that is no address`,
    );
  return address;
};

const inBatches = <T>(list: readonly T[]): readonly (readonly T[])[] =>
  Array.from({ length: Math.ceil(list.length / batchSize) }, (_, index) =>
    list.slice(index * batchSize, (index + 1) * batchSize),
  );
