import * as z from "zod";
import type { Context } from "../core/caller.ts";

const id = z.string().min(1).max(64);

/** What every task of a journey about a visit is told: ids and the journey's own time. */
export const VisitInput = z.object({
  execution: z.string().min(1).max(80),
  patient: id,
  appointment: id,
  now: z.iso.datetime(),
});

/** Under what a task reads and writes: the facts name the task and the execution. */
export const asTask = (task: string, execution: string): Context => ({
  by: { kind: "system", id: task },
  purpose: "TREAT",
  requestId: execution,
});
