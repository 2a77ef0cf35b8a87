import * as z from "zod";
import {
  staffTask,
  taskReasons,
  taskSystem,
  type TaskReason,
} from "../core/staff-task.ts";
import { live } from "../runtime/live.ts";
import type { Deps } from "../runtime/dependencies.ts";
import { task } from "../runtime/task.ts";
import { asTask, VisitInput } from "./ids.ts";

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
      const value = `${execution}/${step}`;
      const id = await records.change(
        asTask("raise-task", execution),
        async (work) => {
          const [existing] = await work.byIdentifier("Task", taskSystem, value);
          if (existing !== undefined) return existing.id;
          const created = await work.create(
            staffTask({
              reason,
              identifier: { system: taskSystem, value },
              authoredOn: now,
              patientId: patient,
              focus: `Appointment/${appointment}`,
              due:
                due !== undefined && Date.parse(due) > Date.parse(now)
                  ? due
                  : undefined,
            }),
          );
          return created.id;
        },
      );
      log("TaskRaised", { id, patient, execution, reason });
      return { task: id };
    },
  );

export const handler = live(raiseTask);
