import * as z from "zod";
import { asKept, type Context } from "../core/caller.ts";
import { isUlid } from "../core/ids.ts";
import {
  importMoves,
  permitImport,
  uploadsOf,
  type Counts,
  type ImportFile,
  type ImportJob,
  type ImportStatus,
} from "../core/import-job.ts";
import { Fault } from "../core/fault.ts";
import { factDayEntry, factItem } from "./facts.ts";
import { createImportNames, type ImportNames } from "./import-names.ts";
import { importOf, importSliceOf, runningImport, type Key } from "./keys.ts";
import { allOf } from "./overlay.ts";
import { recorded } from "./refusals.ts";
import type { Store } from "./store.ts";
import { held, type Item, type Write } from "./table.ts";

/** Bulk imports: technical items beside the record, gone a week after the last step. */
export interface ImportJobs {
  /** Throws Forbidden (403), of which a fact stays. */
  create(
    context: Context,
    request: Pick<ImportJob, "source"> & {
      readonly base?: string | undefined;
      readonly files: readonly Pick<ImportFile, "type" | "name">[];
    },
  ): Promise<ImportJob>;
  /** Undefined when it never was, or is over for a week. */
  find(id: string): Promise<ImportJob | undefined>;
  /** Throws ImportRunning (409) when another one from the same source runs. */
  begin(
    job: ImportJob,
    context: Context,
    files: readonly ImportFile[],
  ): Promise<ImportJob>;
  slice(id: string, number: number): Promise<ImportSlice | undefined>;
  slices(id: string): Promise<readonly ImportSlice[]>;
  /** False when the import has ended meanwhile, or the slice is there already. */
  keep(job: ImportJob, number: number, slice: ImportSlice): Promise<boolean>;
  /** False when it had ended already, otherwise than that. */
  end(
    job: ImportJob,
    context: Context,
    status: "completed" | "failed" | "cancelled",
  ): Promise<boolean>;
  /** The source's names of resources, and what they are here. */
  names(job: ImportJob): ImportNames;
}

/** What one run of the task did, and where the next one goes on. */
export interface ImportSlice {
  /** Absent when nothing is left. */
  readonly cursor?: ImportCursor;
  readonly counts: Readonly<Record<string, Counts>>;
  /** Lines of the file of problems. */
  readonly problems: number;
}

/** In which step, behind which byte and which line. */
export interface ImportCursor {
  readonly step: number;
  readonly offset: number;
  readonly line: number;
}

const week = 7 * 86_400;

const whats = {
  waiting: "ImportRequested",
  running: "ImportStarted",
  completed: "ImportCompleted",
  failed: "ImportFailed",
  cancelled: "ImportCancelled",
} as const satisfies Record<ImportStatus, string>;

const Running = z.object({ v: z.number(), job: z.string() });

export const createImportJobs = (
  options: Omit<Store, "keyItems">,
): ImportJobs => {
  const store: Store = { ...options, keyItems: new Map() };
  const { table, vault, now, newId } = store;
  const later = (): number => Math.floor(now().getTime() / 1000) + week;

  const get = async (key: Key): Promise<Item | undefined> =>
    (await table.get([{ table: "records", ...key }]))[0];

  /** People call files as they like, so names are sealed. */
  const itemOf = async (job: ImportJob): Promise<Item> => {
    const { files, base, ...rest } = job;
    return {
      ...importOf(job.id),
      ...rest,
      v: job.version,
      by: asKept(job.by),
      files: await vault.sealToken(
        `import:${job.id}`,
        JSON.stringify({ files, base }),
      ),
    };
  };

  const find: ImportJobs["find"] = async (id) => {
    const item = isUlid(id) ? await get(importOf(id)) : undefined;
    if (item === undefined || Number(item.expires) * 1000 <= now().getTime())
      return undefined;
    const { files, ...job } = item as unknown as Omit<ImportJob, "files"> & {
      readonly files: string;
    };
    const opened = await vault.openToken(`import:${id}`, files);
    return {
      ...job,
      ...(JSON.parse(opened ?? "{}") as Pick<ImportJob, "files" | "base">),
    };
  };

  const told = async (
    context: Context,
    { id, version, status }: ImportJob,
  ): Promise<readonly Write[]> => {
    const fact = factItem(newId(), now(), context, {
      kind: "admin",
      outcome: "done",
      changes: [{ type: "Import", id, version, what: whats[status] }],
    });
    return [fact, factDayEntry(fact, await vault.indexVersion())].map(
      (put) => ({ put, guard: "any" }),
    );
  };

  const moved = (
    job: ImportJob,
    status: ImportStatus,
    files = job.files,
  ): ImportJob => ({
    ...job,
    version: job.version + 1,
    status,
    files,
    expires: later(),
  });

  const mayMove = ({ status }: ImportJob, to: ImportStatus): boolean =>
    (importMoves[status] as readonly ImportStatus[]).includes(to);

  return {
    find,
    names: (job) => createImportNames(store, job, later),

    create: async (context, { source, base, files }) => {
      await recorded(store, context, () => {
        permitImport(
          context.by,
          files.map(({ type }) => type),
        );
      });
      const id = newId();
      const job: ImportJob = {
        id,
        source,
        ...(base !== undefined && { base }),
        files: files.map((file, index) => ({
          ...file,
          key: `${uploadsOf(id)}${String(index)}.ndjson`,
        })),
        version: 1,
        status: "waiting",
        by: context.by,
        purpose: context.purpose,
        requested: now().toISOString(),
        expires: later(),
      };
      await table.commit(
        [
          { put: await itemOf(job), guard: "absent" },
          ...(await told(context, job)),
        ],
        newId(),
      );
      return job;
    },

    begin: async (job, context, files) => {
      if (!mayMove(job, "running")) throw ended();
      const own = runningImport(job.source);
      const item = await get(own);
      const before = item === undefined ? undefined : Running.parse(item);
      const other = await find(before?.job ?? "");
      if (other?.status === "running") throw running();
      const begun = moved(job, "running", files);
      const isDone = await held(
        table.commit(
          [
            { put: await itemOf(begun), guard: { version: job.version } },
            {
              put: {
                ...own,
                v: (before?.v ?? 0) + 1,
                job: job.id,
                expires: begun.expires,
              },
              guard: before === undefined ? "absent" : { version: before.v },
            },
            ...(await told(context, begun)),
          ],
          newId(),
        ),
      );
      if (!isDone) throw running();
      return begun;
    },

    slice: async (id, number) => {
      const item = await get(importSliceOf(id, number));
      return item && sliceIn(item);
    },

    slices: async (id) =>
      (
        await allOf(table, {
          pk: importOf(id).pk,
          prefix: importSliceOf(id).sk,
        })
      ).map(sliceIn),

    keep: async ({ id, version }, number, { cursor, counts, problems }) =>
      held(
        table.commit(
          [
            {
              put: {
                ...importSliceOf(id, number),
                counts,
                problems,
                ...(cursor !== undefined && { cursor: { ...cursor } }),
                expires: later(),
              },
              guard: "absent",
            },
            { check: importOf(id), guard: { version } },
          ],
          newId(),
        ),
      ),

    end: async (job, context, status) => {
      if (!mayMove(job, status)) return job.status === status;
      const over = moved(job, status);
      return held(
        table.commit(
          [
            { put: await itemOf(over), guard: { version: job.version } },
            ...(await told(context, over)),
          ],
          newId(),
        ),
      );
    },
  };
};

/** The shape holds for what this code wrote. */
const sliceIn = (item: Item): ImportSlice => {
  const { cursor, counts, problems } = item as unknown as ImportSlice;
  return { counts, problems, ...(cursor !== undefined && { cursor }) };
};
const running = (): Fault =>
  new Fault(
    "ImportRunning",
    409,
    "Another import from this source runs. Wait for its end, or cancel it.",
  );

const ended = (): Fault =>
  new Fault("ImportEnded", 409, "This import has ended. Ask for a new one.");
