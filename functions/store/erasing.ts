import type { Context } from "../core/caller.ts";
import { freeClaims } from "./erasure-claims.ts";
import {
  inventory,
  keptFacts,
  leftovers,
  objectsOf,
  type Versions,
} from "./erasure-evidence.ts";
import { removeExchanged } from "./erasure-exchange.ts";
import { removeAll, sweepCompartment } from "./erasure-sweep.ts";
import { sessionsOf } from "./keys.ts";
import { allOf } from "./overlay.ts";
import type { Store } from "./store.ts";

/** What the steps of an erasure do to the stores; each may be repeated. */
export interface Erasing {
  /** Of all records of the set, while their keys are there. */
  freeClaims(set: readonly string[]): Promise<void>;
  inventory(set: readonly string[]): Promise<Readonly<Record<string, number>>>;
  /** After the keys are gone and what was under way has ended. True when something may be left. */
  sweep(
    context: Context,
    set: readonly string[],
    isFull: () => boolean,
  ): Promise<boolean>;
  /** By kind; empty when all is gone. */
  leftovers(set: readonly string[]): Promise<Readonly<Record<string, number>>>;
  facts(
    set: readonly string[],
  ): Promise<{ readonly count: number; readonly sha256: string }>;
}

export const createErasing = (
  store: Omit<Store, "keyItems">,
  versions: Versions,
): Erasing => ({
  freeClaims: async (set) => {
    for (const patient of set) await freeClaims(store, patient);
  },
  inventory: (set) => inventory(store, set, versions),
  sweep: async (context, set, isFull) => {
    for (const patient of set) {
      await removeExchanged(store, context, {
        patient,
        versions: versions.exchange,
      });
      await versions.documents.remove(objectsOf(patient));
      await removeAll(
        store,
        await allOf(store.table, {
          pk: sessionsOf({ kind: "patient", id: patient }),
        }),
      );
      if (await sweepCompartment(store, patient, isFull)) return true;
    }
    return false;
  },
  leftovers: (set) => leftovers(store, set, versions),
  facts: (set) => keptFacts(store, set),
});
