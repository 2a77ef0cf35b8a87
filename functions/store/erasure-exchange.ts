import * as z from "zod";
import type { Context } from "../core/caller.ts";
import { exportFolder } from "../core/export-job.ts";
import { uploadsOf } from "../core/import-job.ts";
import { ulids } from "../core/ids.ts";
import { removeAll } from "./erasure-sweep.ts";
import { createExportJobs } from "./export-jobs.ts";
import { readFact } from "./facts.ts";
import { compartment, exportOf, importOf, runningExports } from "./keys.ts";
import { allOf } from "./overlay.ts";
import type { ObjectVersions } from "./object-versions.ts";
import type { Store } from "./store.ts";

type Exchanging = Omit<Store, "keyItems">;

/** Files of exports and imports are gone after two days, their earlier versions a day later. */
const heldDays = 4;
const day = 86_400_000;
const batchSize = 100;

/** Exports and imports that may hold something of a patient: each has left a fact in the compartment, under its own id. */
export interface Exchanged {
  readonly exports: readonly string[];
  /** Ended ones. */
  readonly imports: readonly string[];
  /** Their files are read until they end. */
  readonly running: readonly string[];
}

const Status = z.object({ status: z.string().optional() });

export const exchangedFor = async (
  { table, now }: Pick<Exchanging, "table" | "now">,
  patient: string,
): Promise<Exchanged> => {
  const since = ulids(
    () => now().getTime() - heldDays * day,
    () => Buffer.alloc(10),
  )();
  const facts = await allOf(table, {
    pk: compartment(patient),
    between: [`F#${since}`, "F#Z"],
  });
  const ids = [
    ...new Set(
      facts
        .map(readFact)
        .flatMap(({ requestId, changes }) => [
          requestId,
          ...changes.flatMap(({ type, id }) => (type === "Export" ? [id] : [])),
        ]),
    ),
  ];
  const exports: string[] = [];
  const imports: string[] = [];
  const running: string[] = [];
  for (let from = 0; from < ids.length; from += batchSize / 2) {
    const found = await table.get(
      ids
        .slice(from, from + batchSize / 2)
        .flatMap((id) => [exportOf(id), importOf(id)])
        .map((key) => ({ table: "records", ...key })),
    );
    for (const item of found) {
      const id = item.pk.slice(item.pk.indexOf("#") + 1);
      const { status } = Status.parse({ status: item.status });
      if (item.pk === exportOf(id).pk) exports.push(id);
      else if (status === "running" || status === "waiting") running.push(id);
      else imports.push(id);
    }
  }
  return { exports, imports, running };
};

/** Ends the exports and removes their files, with all that they were; answers how many versions of objects went. */
export const removeExchanged = async (
  store: Exchanging,
  context: Context,
  {
    patient,
    versions,
  }: { readonly patient: string; readonly versions: ObjectVersions },
): Promise<number> => {
  const { exports, imports } = await exchangedFor(store, patient);
  const jobs = createExportJobs(store);
  let removed = 0;
  for (const id of exports) {
    const job = await jobs.find(id);
    if (job !== undefined)
      await jobs.end(job, context, { status: "cancelled" });
    removed += await versions.remove(exportFolder(id));
    await removeAll(store, await allOf(store.table, { pk: exportOf(id).pk }));
  }
  for (const id of imports) removed += await versions.remove(uploadsOf(id));
  await removeAll(store, [runningExports(`patient:${patient}`)]);
  return removed;
};

/** What is left of what may hold something of the patient: versions of objects, and imports that still run. */
export const leftInExchange = async (
  store: Pick<Exchanging, "table" | "now">,
  patient: string,
  versions: ObjectVersions,
): Promise<number> => {
  const { exports, imports, running } = await exchangedFor(store, patient);
  const counts = await Promise.all(
    [...exports.map(exportFolder), ...imports.map(uploadsOf)].map(
      versions.count,
    ),
  );
  return counts.reduce((sum, count) => sum + count, running.length);
};
