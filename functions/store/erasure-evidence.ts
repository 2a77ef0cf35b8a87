import { createHash } from "node:crypto";
import { erasable } from "./erasure-sweep.ts";
import { leftInExchange } from "./erasure-exchange.ts";
import { asKey, asResource } from "./items.ts";
import {
  compartment,
  factsPrefix,
  patientKeyPlace,
  sessionsOf,
} from "./keys.ts";
import { allOf } from "./overlay.ts";
import type { ObjectVersions } from "./object-versions.ts";
import type { Store } from "./store.ts";

/** Where versions of objects are. */
export interface Versions {
  readonly documents: ObjectVersions;
  readonly exchange: ObjectVersions;
}

/** Every object of a patient begins so: it lies under its Binary, whose id begins with the patient's. */
export const objectsOf = (patient: string): string => `${patient}-`;

const layers: Readonly<Record<string, string>> = {
  A: "resources",
  H: "earlier versions",
  L: "links",
  M: "merges",
};

/** What the compartments and buckets hold of a person, by kind. */
export const inventory = async (
  store: Pick<Store, "table" | "now">,
  set: readonly string[],
  versions: Versions,
): Promise<Readonly<Record<string, number>>> => {
  const counts = new Map<string, number>();
  const add = (kind: string, count: number): void => {
    if (count > 0) counts.set(kind, (counts.get(kind) ?? 0) + count);
  };
  for (const patient of set) {
    for await (const items of erasable(store, patient))
      for (const item of items) {
        add(layers[item.sk.split("#")[0] ?? ""] ?? "other items", 1);
        if (!item.sk.startsWith("A#")) continue;
        const { indexed = [], unique = [] } = asResource(item);
        add("index entries", indexed.length);
        add("unique identifiers", unique.length);
      }
    add("documents", await versions.documents.count(objectsOf(patient)));
    add("exchange", await leftInExchange(store, patient, versions.exchange));
  }
  return Object.fromEntries(counts);
};

/** What an erasure has left behind, by kind: empty when all is gone. */
export const leftovers = async (
  store: Pick<Store, "table" | "now">,
  set: readonly string[],
  versions: Versions,
): Promise<Readonly<Record<string, number>>> => {
  const keys = await store.table.get(set.map(patientKeyPlace));
  const living = keys
    .map(asKey)
    .filter(
      ({ wrapped, shredded }) =>
        wrapped !== undefined || shredded === undefined,
    ).length;
  const sessions = (
    await Promise.all(
      set.map((id) =>
        store.table.query({
          pk: sessionsOf({ kind: "patient", id }),
          limit: 1,
        }),
      ),
    )
  ).flatMap(({ items }) => items).length;
  const lost = set.length - keys.length;
  return {
    ...(await inventory(store, set, versions)),
    ...(living + lost > 0 && { keys: living + lost }),
    ...(sessions > 0 && { sessions }),
  };
};

/** The facts that stay of a person: how many, and a hash over their names in order. */
export const keptFacts = async (
  { table }: Pick<Store, "table">,
  set: readonly string[],
): Promise<{ readonly count: number; readonly sha256: string }> => {
  const digest = createHash("sha256");
  let count = 0;
  for (const patient of set)
    for (const { pk, sk } of await allOf(table, {
      pk: compartment(patient),
      prefix: factsPrefix,
    })) {
      digest.update(`${pk}|${sk}\n`);
      count += 1;
    }
  return { count, sha256: digest.digest("hex") };
};
