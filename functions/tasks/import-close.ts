import * as z from "zod";
import { allProblemsOf, problemsOf, uploadsOf } from "../core/import-job.ts";
import type { Deps } from "../runtime/dependencies.ts";
import { live } from "../runtime/live.ts";
import { task } from "../runtime/task.ts";
import { asTask } from "./ids.ts";
import { raiseOnce } from "./raise-once.ts";

const Input = z.object({
  execution: z.string().min(1).max(80),
  import: z.string().min(1).max(64),
  now: z.iso.datetime(),
  status: z.enum(["completed", "failed"]),
});

const Output = z.object({ closed: z.boolean() });

type CloseDeps = Pick<Deps, "importJobs" | "exchange" | "records" | "log">;

/** Ends an import: its problems in one file, what was uploaded gone; failed, with a task for staff. */
export const importClose = (deps: CloseDeps) =>
  task(Input, Output, async ({ execution, import: id, now, status }) => {
    const { exchange, log } = deps;
    const context = asTask("import-close", execution);
    const jobs = await deps.importJobs();
    const job = await jobs.find(id);
    if (job?.status !== "running") return { closed: false };
    if (status === "failed")
      await deps.records.change(context, (work) =>
        raiseOnce(work, `${execution}/failure`, {
          reason: "import-failed",
          authoredOn: now,
        }),
      );
    await joinProblems(exchange, id);
    const closed = await jobs.end(job, context, status);
    for (const folder of [uploadsOf(id), problemsOf(id)])
      await exchange.remove(
        (await exchange.list(folder)).map(({ key }) => key),
      );
    log(status === "completed" ? "ImportCompleted" : "ImportFailed", {
      id,
      execution,
    });
    return { closed };
  });

/** One file of all slices' problems; none when there are none. */
const joinProblems = async (
  exchange: Deps["exchange"],
  id: string,
): Promise<void> => {
  const parts = await exchange.list(problemsOf(id));
  if (parts.length === 0) return;
  const whole = await exchange.append(
    allProblemsOf(id),
    "application/fhir+ndjson",
  );
  try {
    for (const { key } of parts)
      await whole.write((await exchange.get(key)) ?? new Uint8Array());
    await whole.end();
  } catch (error) {
    await whole.abort();
    throw error;
  }
};

export const handler = live(importClose);
