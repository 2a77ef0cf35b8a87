import type { Ulid } from "../functions/core/ids.ts";
import type { Archive } from "../functions/store/archive.ts";
import type { Bucket } from "../functions/store/bucket.ts";
import { sweepCompartment } from "../functions/store/erasure-sweep.ts";
import { factDayEntry, factItem } from "../functions/store/facts.ts";
import { asKey } from "../functions/store/items.ts";
import {
  compartment,
  currentOf,
  indexKey,
  mergeOf,
  organizationKeys,
  patientKeyPlace,
} from "../functions/store/keys.ts";
import { allOf } from "../functions/store/overlay.ts";
import { shredItem, type ShredEntry } from "../functions/store/shred-ledger.ts";
import type { Table } from "../functions/store/table.ts";
import { knownErasures, RestoreRefused } from "./known-erasures.ts";

export interface Restored {
  /** The record, and the restored table of keys: before anybody else uses it. */
  readonly table: Table;
  /** Where the ledger lies beside the record. */
  readonly ledger: Pick<Bucket, "get" | "list">;
  /** The archive of facts, under Object Lock, which knows of every erasure. */
  readonly archive: Pick<Archive, "get" | "list">;
  /** Somebody says that nobody has ever been erased; an empty ledger is refused otherwise. */
  readonly isNobodyErased: boolean;
  /** What the ledger lacks is taken from the archive and the record. */
  readonly isCompleted: boolean;
  /** What the ledger alone knows is applied. */
  readonly isTrusted: boolean;
  readonly now: () => Date;
  readonly newId: () => Ulid;
}

export interface Reapplied {
  /** Keys that the restore had brought back, and that are destroyed again. */
  readonly destroyed: number;
  readonly erased: number;
  /** Patients whose rules of reading are read anew with the next access. */
  readonly ruled: number;
  /** Patients made after the instant that was restored: nothing of them opens. */
  readonly lost: readonly string[];
}

const shards = 16;

/**
 * Makes a restored table of keys fit for use: whoever was erased stays so, also in a record that was restored with it, and
 * what a patient's Consents say is read anew. Throws RestoreRefused without a ledger that is whole; may be repeated. Either way a fact says so.
 */
export const reapplyLedger = async (restored: Restored): Promise<Reapplied> => {
  try {
    const done = await reapply(restored);
    await tell(restored, "LedgerReapplied");
    return done;
  } catch (error) {
    if (error instanceof RestoreRefused) await tell(restored, "RestoreRefused");
    throw error;
  }
};

/** A fact of the record, without a patient. */
const tell = async (
  { table, now, newId }: Restored,
  what: "LedgerReapplied" | "RestoreRefused",
): Promise<void> => {
  const id = newId();
  const fact = factItem(
    id,
    now(),
    {
      by: { kind: "system", id: "restore" },
      purpose: "HOPERAT",
      requestId: id,
    },
    {
      kind: "admin",
      outcome: what === "RestoreRefused" ? "refused" : "done",
      changes: [{ type: "Restore", id, version: 1, what }],
    },
  );
  const version = Math.max(...(await indexVersions(table)), 1);
  await table.append([fact, factDayEntry(fact, version)]);
};

const reapply = async (restored: Restored): Promise<Reapplied> => {
  const { table } = restored;
  const entries = await knownErasures(restored);
  let destroyed = 0;
  for (const entry of entries)
    if (await destroy(restored, entry)) destroyed += 1;
  for (const entry of entries) {
    await table.append([shredItem(entry)]);
    await sweepCompartment(restored, entry.patient, () => false);
  }
  await mustBeDestroyed(table, entries);
  const erased = new Set(entries.map(({ patient }) => patient));
  const patients = (await everyPatient(table)).filter((id) => !erased.has(id));
  let ruled = 0;
  const lost: string[] = [];
  for (const patient of patients) {
    const place = patientKeyPlace(patient);
    const [key] = await table.get([place]);
    if (key === undefined) lost.push(patient);
    else if (await hasRules(table, patient)) {
      const { pk, sk } = place;
      await table.commit(
        [
          {
            mark: { pk, sk },
            table: "keys",
            attribute: "rules",
            value: restored.newId(),
            guard: "live",
          },
        ],
        restored.newId(),
      );
      ruled += 1;
    }
  }
  return { destroyed, erased: entries.length, ruled, lost };
};

/** True when there was a key. A patient without an item gets a tombstone too, so that nobody is made under the id. */
const destroy = async (
  { table, newId }: Restored,
  { patient, shredded, request }: ShredEntry,
): Promise<boolean> => {
  const { table: keys, ...key } = patientKeyPlace(patient);
  const [item] = await table.get([patientKeyPlace(patient)]);
  const before = item === undefined ? undefined : asKey(item);
  if (before?.shredded !== undefined && before.wrapped === undefined)
    return false;
  await table.commit(
    [
      {
        put: { ...key, v: before?.v ?? 1, shredded, request },
        table: keys,
        guard: before === undefined ? "absent" : { version: before.v },
      },
    ],
    newId(),
  );
  return before !== undefined;
};

const mustBeDestroyed = async (
  table: Table,
  entries: readonly ShredEntry[],
): Promise<void> => {
  for (const { patient } of entries) {
    const [item] = await table.get([patientKeyPlace(patient)]);
    if (item === undefined || asKey(item).wrapped !== undefined)
      throw new RestoreRefused("A key that the ledger destroys is there.");
  }
};

/** By the list of all patients, under every version of the index key. */
const everyPatient = async (table: Table): Promise<readonly string[]> => {
  const ids = new Set<string>();
  for (const version of await indexVersions(table))
    for (let shard = 0; shard < shards; shard += 1)
      for (const { sk } of await allOf(table, {
        pk: indexKey(version, "Patient", "all", String(shard)),
      }))
        ids.add(sk.slice(sk.lastIndexOf("#") + 1));
  return [...ids];
};

const indexVersions = async (table: Table): Promise<readonly number[]> =>
  (await allOf(table, { pk: organizationKeys, prefix: "index#" })).map(
    ({ sk }) => Number(sk.slice("index#".length)),
  );

/** A Consent, or a record merged with another, may say something of reading. */
const hasRules = async (table: Table, patient: string): Promise<boolean> => {
  const [{ items }, merges] = await Promise.all([
    table.query({
      pk: compartment(patient),
      prefix: currentOf("Consent"),
      limit: 1,
    }),
    table.get([{ table: "records", ...mergeOf(patient) }]),
  ]);
  return items.length > 0 || merges.length > 0;
};
