import * as z from "zod";
import {
  exportFolder,
  exportOutcomes,
  type ExportFile,
  type ExportJob,
} from "../core/export-job.ts";
import type { Deps } from "../runtime/dependencies.ts";
import { live } from "../runtime/live.ts";
import { task } from "../runtime/task.ts";
import type { ExportJobs } from "../store/export-jobs.ts";
import { asTask } from "./ids.ts";
import { raiseOnce } from "./raise-once.ts";

const Input = z.object({
  execution: z.string().min(1).max(80),
  export: z.string().min(1).max(64),
  now: z.iso.datetime(),
  status: z.enum(["completed", "failed"]),
});

const Output = z.object({ closed: z.boolean() });

type CloseDeps = Pick<Deps, "exportJobs" | "exchange" | "records" | "log">;

/** Ends an export: with what it has to say about itself, or, failed, without files and with a task for staff. */
export const exportClose = (deps: CloseDeps) =>
  task(Input, Output, async ({ execution, export: id, now, status }) => {
    const { exchange, log } = deps;
    const context = asTask("export-close", execution);
    const jobs = await deps.exportJobs();
    const job = await jobs.find(id);
    if (job?.status !== "running") return { closed: false };
    const outcomes =
      status === "completed"
        ? await writeOutcomes(jobs, exchange, job)
        : undefined;
    if (status === "failed") {
      await deps.records.change(context, (work) =>
        raiseOnce(work, `${execution}/failure`, {
          reason: "export-failed",
          authoredOn: now,
        }),
      );
      const files = await exchange.list(exportFolder(id));
      await exchange.remove(files.map(({ key }) => key));
    }
    const closed = await jobs.end(job, context, {
      status,
      ...(outcomes !== undefined && { outcomes }),
    });
    log(status === "completed" ? "ExportCompleted" : "ExportFailed", {
      id,
      execution,
    });
    return { closed };
  });

const writeOutcomes = async (
  jobs: ExportJobs,
  exchange: Deps["exchange"],
  { id, notes }: ExportJob,
): Promise<ExportFile | undefined> => {
  const refused = new Set(
    (await jobs.slices(id)).flatMap((slice) => slice.refused),
  );
  const lines = exportOutcomes([
    ...notes,
    ...[...refused].map(
      (type) => `${type}: not all of it is here, as you may not read all.`,
    ),
  ]).map((outcome) => JSON.stringify(outcome));
  if (lines.length === 0) return undefined;
  const key = `${exportFolder(id)}OperationOutcome.ndjson`;
  await exchange.put(
    key,
    Buffer.from(`${lines.join("\n")}\n`),
    "application/fhir+ndjson",
  );
  return { type: "OperationOutcome", key, count: lines.length };
};

export const handler = live(exportClose);
