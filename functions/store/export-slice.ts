import type { Context } from "../core/caller.ts";
import type { ExportFile, ExportJob } from "../core/export-job.ts";
import type { KnownType } from "../resources/declaration.ts";
import { exportReader } from "./export-reader.ts";
import { exportSources, pageOf } from "./export-sources.ts";
import type { Key } from "./keys.ts";
import type { Store } from "./store.ts";
import type { Item } from "./table.ts";

/** What one run of the task exported, and where the next one goes on. */
export interface Slice {
  /** Absent when nothing is left. */
  readonly cursor?: Cursor;
  readonly files: readonly ExportFile[];
  readonly patients: number;
  /** Types of which something was left out because the caller may not read it. */
  readonly refused: readonly KnownType[];
}

/** The number of the source, and what it goes on behind. */
interface Cursor {
  readonly source: number;
  readonly after?: string;
}

export interface SliceLimits {
  /** Asked between small steps, with the bytes and lines so far. */
  readonly isFull: (bytes: number, lines: number) => boolean;
  readonly write: (
    type: ExportFile["type"],
    lines: readonly string[],
  ) => Promise<ExportFile>;
  readonly discard: (files: readonly ExportFile[]) => Promise<void>;
}

/** Compartments that are open at one time. */
const width = 25;

/** Exports from the cursor on until it is full. The facts of what was read are stored before there is a file. */
export const readSlice = async (
  store: Store,
  job: ExportJob,
  from: Cursor,
  { isFull, write }: Pick<SliceLimits, "isFull" | "write">,
): Promise<Slice> => {
  const context: Context = {
    by: job.by,
    purpose: job.purpose,
    requestId: job.id,
  };
  const reader = exportReader(store, job, context);
  const sources = exportSources(await store.vault.indexVersion(), job);
  let cursor = from;
  for (;;) {
    const source = sources[cursor.source];
    if (source === undefined) return { ...(await reader.end(write)) };
    const page = await pageOf(store.table, job, source, cursor.after);
    let read = 0;
    while (
      read < page.entries.length &&
      !isFull(reader.bytes(), reader.lines())
    ) {
      await reader.read(page.entries.slice(read, read + width));
      read += width;
    }
    const after =
      read < page.entries.length ? page.entries[read - 1]?.after : page.after;
    if (read > 0 || page.entries.length === 0)
      cursor =
        after === undefined
          ? { source: cursor.source + 1 }
          : { source: cursor.source, after };
    if (isFull(reader.bytes(), reader.lines()))
      return { cursor, ...(await reader.end(write)) };
  }
};

/** The shape holds for what this code wrote. */
export const sliceIn = (item: Item): Slice => {
  const { cursor, files, patients, refused } = item as unknown as Slice;
  return {
    ...(cursor !== undefined && { cursor }),
    files,
    patients,
    refused,
  };
};

export const sliceItem = (
  key: Key,
  { cursor, files, patients, refused }: Slice,
  expires: number,
): Item => ({
  ...key,
  ...(cursor !== undefined && { cursor: { ...cursor } }),
  files: files.map((file) => ({ ...file })),
  patients,
  refused,
  expires,
});
