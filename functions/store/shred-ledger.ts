import * as z from "zod";
import type { Bucket } from "./bucket.ts";
import { shredOf, shreds } from "./keys.ts";
import { allOf } from "./overlay.ts";
import type { Item, Table } from "./table.ts";

/** That a patient's key was destroyed. Ids only, kept for good: a table restored from before must be told again. */
export const ShredEntry = z.object({
  patient: z.string(),
  shredded: z.iso.datetime(),
  request: z.string(),
});
export type ShredEntry = z.infer<typeof ShredEntry>;

export const ledgerFolder = "shred-ledger/";
const shardCount = 16;

export const shredItem = ({
  patient,
  shredded,
  request,
}: ShredEntry): Item => ({ ...shredOf(patient), shredded, request });

/** What the record itself says. */
export const recordedShreds = async (
  table: Pick<Table, "query">,
): Promise<readonly ShredEntry[]> =>
  (
    await Promise.all(
      Array.from({ length: shardCount }, (_, shard) =>
        allOf(table as Table, { pk: shreds(shard) }),
      ),
    )
  )
    .flat()
    .map(({ sk, shredded, request }) =>
      ShredEntry.parse({ patient: sk, shredded, request }),
    );

/** Beside the record, so that no restore of the record loses it. */
export const writeLedger = (
  bucket: Pick<Bucket, "put">,
  entry: ShredEntry,
): Promise<void> =>
  bucket.put(
    `${ledgerFolder}${entry.patient}.json`,
    Buffer.from(JSON.stringify(entry)),
    "application/json",
  );

/** Throws when an entry cannot be read: half a ledger is none. */
export const readLedger = async (
  bucket: Pick<Bucket, "get" | "list">,
): Promise<readonly ShredEntry[]> => {
  const entries: ShredEntry[] = [];
  for (const { key } of await bucket.list(ledgerFolder)) {
    const bytes = await bucket.get(key);
    if (bytes === undefined)
      throw new Error("an entry of the shred ledger is listed and not there");
    entries.push(
      ShredEntry.parse(JSON.parse(Buffer.from(bytes).toString("utf8"))),
    );
  }
  return entries;
};
