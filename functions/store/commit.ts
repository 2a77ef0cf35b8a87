import type { Context } from "../core/caller.ts";
import { Fault } from "../core/fault.ts";
import type { Ulid } from "../core/ids.ts";
import {
  changeFacts,
  factWrites,
  readFacts,
  touchedByPatient,
} from "./commit-facts.ts";
import { keyChecks, newKeys, ruling } from "./commit-keys.ts";
import { resourceWrites } from "./commit-resource.ts";
import { oneWritePerItem } from "./one-write-per-item.ts";
import type { Overlay } from "./overlay.ts";
import type { Store } from "./store.ts";
import {
  CommitRefused,
  sizeOf,
  transactionLimits,
  type Item,
  type Write,
} from "./table.ts";

/** A unit of work made ready: sending it again sends the same bytes, so a repetition is harmless. */
export interface Prepared {
  readonly commit: Ulid;
  readonly writes: readonly Write[];
  /** Facts of what was only read; stored alone when there is nothing to write. */
  readonly facts: readonly Item[];
  readonly patients: readonly string[];
}

/**
 * The one transaction of a unit of work: each resource, its previous version, its index entries, claims, and one fact per
 * patient. Throws TooLarge, TooCostly (413).
 */
export const prepareCommit = async (
  store: Store,
  context: Context,
  commit: Ulid,
  overlay: Overlay,
  others: readonly { writes(commit: Ulid): readonly Write[] }[],
): Promise<Prepared> => {
  const changed = [...overlay.cells.values()].filter(
    ({ change }) => change !== undefined,
  );
  const resources = (
    await Promise.all(
      changed.map((cell) => resourceWrites(store, overlay, commit, cell)),
    )
  ).flat();
  const relied = [...overlay.cells.values()].flatMap(
    ({ address, before, change, relied: isRelied }) =>
      isRelied === true && change === undefined && before !== undefined
        ? [{ check: address, guard: { version: before.item.v } } as const]
        : [],
  );
  const changes = touchedByPatient(changed);
  const rules = await ruling(changed);
  const facts = [
    ...changeFacts(store, context, changes),
    ...readFacts(
      store,
      context,
      [...overlay.seen.values()].filter(
        ({ patient }) => patient !== undefined && !changes.has(patient),
      ),
    ),
  ];
  const patients = [...changes.keys()].filter(
    (patient) => patient !== undefined,
  );
  const own: readonly Write[] = [
    ...newKeys(overlay, rules, commit),
    ...resources,
    ...relied,
    ...others.flatMap((other) => other.writes(commit)),
  ];
  if (own.length === 0) return { commit, writes: [], facts, patients };
  const writes = oneWritePerItem([
    ...own,
    ...keyChecks(patients, overlay, rules, commit),
    ...(await factWrites(store, facts)),
  ]);
  count(writes);
  return { commit, writes, facts, patients };
};

/** Throws CommitRefused, CommitContended, and the fault of a guard that has one. */
export const sendCommit = async (
  store: Store,
  { commit, writes, facts, patients }: Prepared,
): Promise<void> => {
  const [first, ...rest] = writes;
  if (first === undefined) {
    if (facts.length > 0) await store.table.append(facts);
    return;
  }
  try {
    await store.table.commit([first, ...rest], commit);
  } catch (error) {
    if (!(error instanceof CommitRefused)) throw error;
    // The answer to an earlier try was lost, but it had been written.
    if (error.refused.some(({ found }) => found?.commit === commit)) return;
    for (const patient of patients) store.keyItems.delete(patient);
    for (const { index } of error.refused) {
      const fault = writes[index]?.otherwise?.();
      if (fault !== undefined) throw fault;
    }
    throw error;
  }
};

/** DynamoDB's limits, found out before anything is sent. */
const count = (writes: readonly Write[]): void => {
  const bytes = writes.reduce(
    (sum, write) => sum + ("put" in write ? sizeOf(write.put) : 0),
    0,
  );
  if (
    writes.length <= transactionLimits.items &&
    bytes <= transactionLimits.bytes
  )
    return;
  throw new Fault(
    "TooCostly",
    413,
    `This change needs ${writes.length} writes; one transaction holds ${transactionLimits.items} and 4 MB. Split it, or use the bulk import (POST /v1/imports).`,
    {
      code: "too-costly",
    },
  );
};
