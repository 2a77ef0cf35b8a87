import * as z from "zod";
import {
  exportFolder,
  type ExportFile,
  type ExportJob,
} from "../core/export-job.ts";
import type { Deps } from "../runtime/dependencies.ts";
import { live } from "../runtime/live.ts";
import { task } from "../runtime/task.ts";

const Input = z.object({
  export: z.string().min(1).max(64),
  slice: z.int().min(0),
});

const Output = z.object({ isMore: z.boolean() });

/** A slice ends with the first step after 60 % of the time that the function has, 48 MB or 100,000 lines. */
const full = {
  milliseconds: 72_000,
  bytes: 48 * 1024 * 1024,
  lines: 100_000,
} as const;

type SliceDeps = Pick<
  Deps,
  "exportJobs" | "exchange" | "log" | "now" | "newId"
>;

/** Writes what the next slice of an export holds, one file per type; a slice that was written is not written again. */
export const exportSlice = (
  { exportJobs, exchange, log, now, newId }: SliceDeps,
  limits: { readonly [Limit in keyof typeof full]: number } = full,
) =>
  task(Input, Output, async ({ export: id, slice: number }) => {
    const jobs = await exportJobs();
    const job = await jobs.find(id);
    if (job?.status !== "running") return { isMore: false };
    const end = now().getTime() + limits.milliseconds;
    const attempt = newId();
    const slice = await jobs.exportSlice(job, number, {
      isFull: (bytes, lines) =>
        bytes >= limits.bytes ||
        lines >= limits.lines ||
        now().getTime() >= end,
      write: (type, lines) => write(exchange, job, { type, lines, attempt }),
      discard: (files) => exchange.remove(files.map(({ key }) => key)),
    });
    if (slice === undefined) return { isMore: false };
    log("SliceExported", { id, count: slice.patients });
    return { isMore: slice.cursor !== undefined };
  });

const write = async (
  exchange: Deps["exchange"],
  { id }: ExportJob,
  {
    type,
    lines,
    attempt,
  }: {
    readonly type: ExportFile["type"];
    readonly lines: readonly string[];
    readonly attempt: string;
  },
): Promise<ExportFile> => {
  const key = `${exportFolder(id)}${type}/${attempt}.ndjson`;
  const body = Buffer.from(`${lines.join("\n")}\n`);
  await exchange.put(key, body, "application/fhir+ndjson");
  return { type, key, count: lines.length };
};

export const handler = live(exportSlice);
