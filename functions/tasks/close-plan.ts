import * as z from "zod";
import { closed, journeySystem } from "../core/journey.ts";
import { live } from "../runtime/live.ts";
import type { Deps } from "../runtime/dependencies.ts";
import { task } from "../runtime/task.ts";
import { asTask, VisitInput } from "./ids.ts";

const Input = VisitInput.extend({ status: z.enum(["completed", "revoked"]) });
const Output = z.object({ closed: z.boolean() });

/** Ends the CarePlan that shows the journey; one that has ended already stays as it ended. */
export const closePlan = ({ records, log }: Pick<Deps, "records" | "log">) =>
  task(Input, Output, async ({ execution, patient, status }) => {
    const isOpen = await records.change(
      asTask("close-plan", execution),
      async (work) => {
        const [plan] = await work.byIdentifier(
          "CarePlan",
          journeySystem,
          execution,
        );
        if (plan?.status !== "active") return false;
        await work.update({ ...closed(plan, status), id: plan.id });
        return true;
      },
    );
    if (isOpen && status === "revoked")
      log("JourneyFailed", { patient, execution });
    return { closed: isOpen };
  });

export const handler = live(closePlan);
