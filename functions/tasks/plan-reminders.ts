import * as z from "zod";
import { journeySystem, withSteps } from "../core/journey.ts";
import { stepsBefore } from "../core/reminders.ts";
import { live } from "../runtime/live.ts";
import type { Deps } from "../runtime/dependencies.ts";
import { task } from "../runtime/task.ts";
import { asTask, VisitInput } from "./ids.ts";

const Output = z.object({
  /** The visit's start as planned; every later step compares with it. */
  start: z.iso.datetime(),
  steps: z.array(
    z.discriminatedUnion("does", [
      z.object({
        does: z.literal("send"),
        step: z.string(),
        message: z.enum(["confirmation", "reminder"]),
        at: z.iso.datetime(),
        expires: z.iso.datetime(),
      }),
      z.object({
        does: z.literal("listen"),
        step: z.string(),
        to: z.string(),
        at: z.iso.datetime(),
      }),
    ]),
  ),
});

/** When what is due before a visit; nothing when the visit is off, or another occurrence of the journey has its time. */
export const planReminders = ({
  records,
  organization,
}: Pick<Deps, "records" | "organization">) =>
  task(VisitInput, Output, ({ execution, appointment: id, now }) =>
    records.change(asTask("plan-reminders", execution), async (work) => {
      const [plan] = await work.byIdentifier(
        "CarePlan",
        journeySystem,
        execution,
      );
      const appointment = await work.read("Appointment", id);
      const { start = now } = appointment ?? {};
      const isDue =
        appointment?.status === "booked" &&
        plan?.status === "active" &&
        Date.parse(plan.period?.end ?? "") === Date.parse(start);
      if (!isDue) return { start: utc(now), steps: [] };
      const steps = stepsBefore(start, now, organization.preVisit);
      await work.update({ ...withSteps(plan, steps), id: plan.id });
      return { start: utc(start), steps: [...steps] };
    }),
  );

const utc = (instant: string): string => new Date(instant).toISOString();

export const handler = live(planReminders);
