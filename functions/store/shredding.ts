import type { Erasure } from "./erasures.ts";
import { asKey, asMerge, nameOf } from "./items.ts";
import {
  erasureOf,
  holdOf,
  mergeOf,
  patientKeyPlace,
  shredOf,
} from "./keys.ts";
import { createMerges } from "./merges.ts";
import { shredItem, type ShredEntry } from "./shred-ledger.ts";
import type { Store } from "./store.ts";
import type { Item, Write } from "./table.ts";
import { Fault } from "../core/fault.ts";

/**
 * What destroys the keys of every record of a person, each of which no hold may be on and none of which may be merged or
 * unmerged meanwhile: three items a record, so one transaction holds 32 of them. Throws Conflict (409) when these are not,
 * or are not all, records of the person by now.
 */
export const shredWrites = async (
  { table }: Pick<Store, "table">,
  { patient, request, set = [], shredded = "" }: Erasure,
): Promise<readonly Write[]> => {
  const found = await table.get(
    set.flatMap((one) => [
      patientKeyPlace(one),
      { table: "records" as const, ...mergeOf(one) },
    ]),
  );
  const itemAt = new Map<string, Item>(
    found.map(({ table: _table, ...item }) => [nameOf(item), item]),
  );
  const mergeItem = (one: string) => {
    const item = itemAt.get(nameOf(mergeOf(one)));
    return item && asMerge(item);
  };
  const merges = createMerges(table);
  for (const one of set) merges.know(one, mergeItem(one));
  const person = await merges.samePerson(patient);
  if (person.length !== set.length || person.some((one) => !set.includes(one)))
    throw conflict();
  return set.flatMap((one): readonly Write[] => {
    const { table: keys, ...place } = patientKeyPlace(one);
    const item = itemAt.get(nameOf(place));
    const merge = mergeItem(one);
    const { v, shredded: before } = item === undefined ? {} : asKey(item);
    return [
      ...(v === undefined || before !== undefined
        ? []
        : [
            {
              put: { ...place, v, shredded, request },
              table: keys,
              guard: { version: v },
            },
          ]),
      { check: holdOf(one), guard: "absent", otherwise: onHold },
      {
        check: mergeOf(one),
        guard: merge === undefined ? "absent" : { version: merge.v },
      },
    ];
  });
};

/** Records that one transaction tells of. */
const toldAtOnce = 20;

/** Tells the ledger, and from each other record of the person where its erasure is kept; once, however often it runs. */
export const tellShreds = async (
  { table, newId }: Pick<Store, "table" | "newId">,
  { patient, request }: Erasure,
  {
    entries,
    factsOf,
  }: {
    readonly entries: readonly ShredEntry[];
    readonly factsOf: (of: readonly string[]) => Promise<readonly Write[]>;
  },
): Promise<void> => {
  const known = new Set(
    (
      await table.get(
        entries.map((entry) => ({
          table: "records",
          ...shredOf(entry.patient),
        })),
      )
    ).map(({ sk }) => sk),
  );
  const untold = entries.filter((entry) => !known.has(entry.patient));
  for (let from = 0; from < untold.length; from += toldAtOnce) {
    const some = untold.slice(from, from + toldAtOnce);
    const others = some
      .map((entry) => entry.patient)
      .filter((one) => one !== patient);
    const [first, ...rest]: readonly Write[] = [
      ...some.map((entry): Write => ({
        put: shredItem(entry),
        guard: "absent",
      })),
      ...others.map((one): Write => ({
        put: { ...erasureOf(one), v: 1, of: patient, request },
        guard: "any",
      })),
      ...(await factsOf(others)),
    ];
    if (first !== undefined) await table.commit([first, ...rest], newId());
  }
};

export const onHold = (): Fault =>
  new Fault("LegalHold", 409, "A legal hold is on this record (legal-hold).");

export const conflict = (): Fault =>
  new Fault("Conflict", 409, "The record changed at this moment. Try again.");
