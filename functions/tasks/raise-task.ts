import * as z from "zod";
import { taskReasons, type TaskReason } from "../core/staff-task.ts";
import { live } from "../runtime/live.ts";
import type { Deps } from "../runtime/dependencies.ts";
import { task } from "../runtime/task.ts";
import { asTask, VisitInput } from "./ids.ts";
import { raiseOnce } from "./raise-once.ts";

const Input = VisitInput.extend({
  step: z.string().min(1).max(40),
  reason: z.enum(taskReasons as [TaskReason, ...TaskReason[]]),
  due: z.iso.datetime().optional(),
});

const Output = z.object({ task: z.string() });

/** Asks a team to act on a visit; the same step of an execution asks once. */
export const raiseTask = ({ records, log }: Pick<Deps, "records" | "log">) =>
  task(
    Input,
    Output,
    async ({ execution, patient, appointment, step, reason, due, now }) => {
      const id = await records.change(asTask("raise-task", execution), (work) =>
        raiseOnce(work, `${execution}/${step}`, {
          reason,
          authoredOn: now,
          patientId: patient,
          focus: `Appointment/${appointment}`,
          due:
            due !== undefined && Date.parse(due) > Date.parse(now)
              ? due
              : undefined,
        }),
      );
      log("TaskRaised", { id, patient, execution, reason });
      return { task: id };
    },
  );

export const handler = live(raiseTask);
