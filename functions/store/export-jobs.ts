import * as z from "zod";
import { asKept, type Context } from "../core/caller.ts";
import {
  exportMoves,
  permitExport,
  type ExportFile,
  type ExportJob,
  type ExportStatus,
} from "../core/export-job.ts";
import type { ExportRequest } from "../core/export-request.ts";
import { Fault } from "../core/fault.ts";
import {
  readSlice,
  sliceIn,
  sliceItem,
  type Slice,
  type SliceLimits,
} from "./export-slice.ts";
import { callerId, factDayEntry, factItem } from "./facts.ts";
import {
  addressOf,
  exportOf,
  exportPart,
  runningExports,
  type Key,
} from "./keys.ts";
import { createMerges } from "./merges.ts";
import { allOf } from "./overlay.ts";
import { recorded } from "./refusals.ts";
import type { Store } from "./store.ts";
import { held, type Item, type Write } from "./table.ts";

/** Bulk exports: technical items beside the record, gone a day after the export has ended. */
export interface ExportJobs {
  /** Throws Forbidden (403), of which a fact stays. */
  permit(context: Context, request: ExportRequest): Promise<void>;
  /** The records of those persons, merged ones included. Throws 400 when one is not on this server, unless lenient. */
  persons(ids: readonly string[], lenient: boolean): Promise<readonly string[]>;
  /** Throws TooManyExports (429). */
  create(
    context: Context,
    request: ExportRequest,
    url: string,
  ): Promise<ExportJob>;
  /** Undefined when it never was, or is over for a day. */
  find(id: string): Promise<ExportJob | undefined>;
  slices(id: string): Promise<readonly Slice[]>;
  /** Reads on behind the slice before; the files are the writer's. Undefined when the job has ended meanwhile. */
  exportSlice(
    job: ExportJob,
    number: number,
    limits: SliceLimits,
  ): Promise<Slice | undefined>;
  /** False when it had ended already, otherwise than that. */
  end(
    job: ExportJob,
    context: Context,
    end: {
      readonly status: Exclude<ExportStatus, "running">;
      readonly outcomes?: ExportFile;
    },
  ): Promise<boolean>;
}

const mostAtOnce = 2;
const day = 86_400;
/** Parts outlive their job, which says whether they may still be had. */
const keptDays = 3;
const listed = 1000;
const tries = 5;

const whats = {
  running: "ExportRequested",
  completed: "ExportCompleted",
  failed: "ExportFailed",
  cancelled: "ExportCancelled",
} as const satisfies Record<ExportStatus, string>;

const Running = z.object({ v: z.number(), jobs: z.array(z.string()) });

export const createExportJobs = (
  options: Omit<Store, "keyItems">,
): ExportJobs => {
  const store: Store = { ...options, keyItems: new Map() };
  const { table, vault, now, newId } = store;
  const later = (days = 1): number =>
    Math.floor(now().getTime() / 1000) + days * day;

  const get = async (key: Key): Promise<Item | undefined> =>
    (await table.get([{ table: "records", ...key }]))[0];

  const itemOf = async ({ request, ...job }: ExportJob): Promise<Item> => ({
    ...exportOf(job.id),
    ...job,
    v: job.version,
    by: asKept(job.by),
    outcomes: job.outcomes && { ...job.outcomes },
    // Criteria in the address may name a patient.
    request: await vault.sealToken(`export:${job.id}`, request),
  });

  const jobIn = async (item: Item): Promise<ExportJob> => {
    const job = item as unknown as ExportJob;
    const request = await vault.openToken(`export:${job.id}`, job.request);
    return { ...job, request: request ?? "" };
  };

  const find: ExportJobs["find"] = async (id) => {
    const item = await get(exportOf(id));
    const job = item === undefined ? undefined : await jobIn(item);
    return job !== undefined && job.expires * 1000 > now().getTime()
      ? job
      : undefined;
  };

  /** An export without a patient is told under its day. */
  const told = async (
    context: Context,
    { id, version, status, by }: ExportJob,
  ): Promise<readonly Write[]> => {
    const fact = factItem(newId(), now(), context, {
      kind: "admin",
      outcome: "done",
      changes: [{ type: "Export", id, version, what: whats[status] }],
      ...(by.kind === "patient" && { patient: by.id }),
    });
    return [fact, factDayEntry(fact, await vault.indexVersion())].map(
      (put) => ({ put, guard: "any" }),
    );
  };

  const lists = (id: string, patients: readonly string[]): readonly Item[] =>
    Array.from(
      { length: Math.ceil(patients.length / listed) },
      (_, number) => ({
        ...exportPart(id, "PATIENTS", number),
        patients: patients.slice(number * listed, (number + 1) * listed),
        expires: later(keptDays),
      }),
    );

  return {
    find,

    permit: (context, request) =>
      recorded(
        store,
        context,
        () => {
          permitExport(context.by, request);
        },
        context.by.kind === "patient" ? context.by.id : undefined,
      ),

    persons: async (ids, lenient) => {
      const merges = createMerges(table);
      const persons = new Set<string>();
      for (let from = 0; from < ids.length; from += 100) {
        const some = ids
          .slice(from, from + 100)
          .flatMap((id) => addressOf("Patient", id) ?? []);
        const found = await table.get(
          some.map(({ pk, sk }) => ({ table: "records", pk, sk })),
        );
        const there = some.filter(({ pk }) =>
          found.some((item) => item.pk === pk),
        );
        if (there.length < Math.min(100, ids.length - from) && !lenient)
          throw new Fault(
            "UnknownPatient",
            400,
            "Some of these patients are not on this server.",
            { code: "not-found", expression: ["patient"] },
          );
        await merges.look(there.map(({ id }) => id));
        for (const { id } of there)
          for (const person of await merges.samePerson(id)) persons.add(person);
      }
      return [...persons];
    },

    create: async (context, { patients, ...request }, url) => {
      const id = newId();
      const own = runningExports(callerId(context.by));
      const job: ExportJob = {
        ...request,
        id,
        version: 1,
        status: "running",
        by: context.by,
        purpose: context.purpose,
        request: url,
        transactionTime: now().toISOString(),
        expires: later(),
        ...(patients !== undefined && {
          lists: Math.ceil(patients.length / listed),
        }),
      };
      if (patients !== undefined) await table.append(lists(id, patients));
      for (let attempt = 1; attempt <= tries; attempt += 1) {
        const item = await get(own);
        const before = item === undefined ? undefined : Running.parse(item);
        const jobs = await Promise.all((before?.jobs ?? []).map(find));
        const running = jobs.flatMap((one) =>
          one?.status === "running" ? one.id : [],
        );
        if (running.length >= mostAtOnce) throw tooMany();
        const writes: readonly [Write, ...Write[]] = [
          { put: await itemOf(job), guard: "absent" },
          {
            put: {
              ...own,
              v: (before?.v ?? 0) + 1,
              jobs: [...running, id],
              expires: job.expires,
            },
            guard: before === undefined ? "absent" : { version: before.v },
          },
          ...(await told(context, job)),
        ];
        if (await held(table.commit(writes, newId()))) return job;
      }
      throw tooMany();
    },

    slices: async (id) =>
      (
        await allOf(table, {
          pk: exportOf(id).pk,
          prefix: exportPart(id, "SLICE").sk,
        })
      ).map(sliceIn),

    exportSlice: async (job, number, limits) => {
      const written = await get(exportPart(job.id, "SLICE", number));
      if (written !== undefined) return sliceIn(written);
      const previous =
        number === 0
          ? undefined
          : await get(exportPart(job.id, "SLICE", number - 1));
      const cursor =
        previous === undefined ? undefined : sliceIn(previous).cursor;
      if (number > 0 && cursor === undefined)
        throw new Error("a slice begins where no slice has ended");
      const slice = await readSlice(
        store,
        job,
        cursor ?? { source: 0 },
        limits,
      );
      const { pk, sk } = exportOf(job.id);
      const writes: readonly [Write, ...Write[]] = [
        {
          put: sliceItem(
            exportPart(job.id, "SLICE", number),
            slice,
            later(keptDays),
          ),
          guard: "absent",
        },
        { check: { pk, sk }, guard: { version: job.version } },
      ];
      if (await held(table.commit(writes, newId()))) return slice;
      await limits.discard(slice.files);
      // The same slice was tried twice at once, or the job was cancelled.
      const other = await get(exportPart(job.id, "SLICE", number));
      return other === undefined ? undefined : sliceIn(other);
    },

    end: async (job, context, { status, outcomes }) => {
      const moves: readonly ExportStatus[] = exportMoves[job.status];
      if (!moves.includes(status)) return job.status === status;
      const ended: ExportJob = {
        ...job,
        version: job.version + 1,
        status,
        expires: later(),
        ...(outcomes !== undefined && { outcomes }),
      };
      return held(
        table.commit(
          [
            { put: await itemOf(ended), guard: { version: job.version } },
            ...(await told(context, ended)),
          ],
          newId(),
        ),
      );
    },
  };
};
const tooMany = (): Fault =>
  new Fault(
    "TooManyExports",
    429,
    `${String(mostAtOnce)} exports of yours are running. Wait for one to end, or cancel it.`,
  );
