import * as z from "zod";
import { problemsOf, type ImportJob } from "../core/import-job.ts";
import { provenancesOf } from "../core/import-provenance.ts";
import type { Deps } from "../runtime/dependencies.ts";
import { live } from "../runtime/live.ts";
import { task } from "../runtime/task.ts";
import type { ImportCursor, ImportJobs } from "../store/import-jobs.ts";
import { addressIn } from "../store/overlay.ts";
import { asTask } from "./ids.ts";
import { takeLines } from "./import-taking.ts";

const Input = z.object({
  import: z.string().min(1).max(64),
  slice: z.int().min(0),
});

const Output = z.object({ isMore: z.boolean() });

/** A slice ends with the first batch of lines after half of the time that the function has, for telling their origin may take the other; or after 20,000 lines. */
const full = { milliseconds: 60_000, lines: 20_000 } as const;

/** Patients whose origin is told at the same time. */
const width = 10;

type SliceDeps = Pick<
  Deps,
  "importJobs" | "exchange" | "records" | "log" | "now"
>;

/** Takes the next lines of an import. Its end is stored last: a slice that broke is taken again from its beginning, and changes nothing twice. */
export const importSlice = (
  { importJobs, exchange, records, log, now }: SliceDeps,
  limits: { readonly [Limit in keyof typeof full]: number } = full,
) =>
  task(Input, Output, async ({ import: id, slice: number }) => {
    const jobs = await importJobs();
    const job = await jobs.find(id);
    if (job?.status !== "running") return { isMore: false };
    const known = await jobs.slice(id, number);
    if (known !== undefined) return { isMore: known.cursor !== undefined };
    const end = now().getTime() + limits.milliseconds;
    const { cursor, counts, problems, changed, read } = await takeLines(
      { records, exchange, names: jobs.names(job) },
      job,
      await beginning(jobs, id, number),
      async (lines) =>
        lines >= limits.lines ||
        now().getTime() >= end ||
        (await jobs.find(id))?.status !== "running",
    );
    await tellOrigin(records, job, number, changed);
    if (problems.length > 0)
      await exchange.put(
        `${problemsOf(id)}${String(number).padStart(6, "0")}.ndjson`,
        Buffer.from(`${problems.join("\n")}\n`),
        "application/fhir+ndjson",
      );
    const isKept = await jobs.keep(job, number, {
      counts,
      problems: problems.length,
      ...(cursor !== undefined && { cursor }),
    });
    log("SliceImported", { id, count: read });
    return { isMore: isKept && cursor !== undefined };
  });

const beginning = async (
  jobs: ImportJobs,
  id: string,
  number: number,
): Promise<ImportCursor> => {
  if (number === 0) return { step: 0, offset: 0, line: 0 };
  const cursor = (await jobs.slice(id, number - 1))?.cursor;
  if (cursor === undefined)
    throw new Error("a slice begins where no slice has ended");
  return cursor;
};

/** Writes the Provenance of each patient's resources. */
const tellOrigin = async (
  records: Deps["records"],
  job: ImportJob,
  slice: number,
  changed: readonly string[],
): Promise<void> => {
  const byPatient = Map.groupBy(
    changed.filter((reference) => !reference.startsWith("Provenance/")),
    (reference) => addressIn(reference)?.patient,
  );
  const told = [...byPatient].flatMap(([patient, targets]) =>
    patient === undefined ? [] : provenancesOf(job, slice, patient, targets),
  );
  for (let from = 0; from < told.length; from += width)
    await Promise.all(
      told.slice(from, from + width).map((provenance) =>
        records.change(asTask("import-slice", job.id), async (work) => {
          const { id } = provenance;
          const before = await work.read("Provenance", id);
          if (before === undefined)
            await work.create(provenance, { reserved: id });
          else await work.update(provenance);
        }),
      ),
    );
};

export const handler = live(importSlice);
