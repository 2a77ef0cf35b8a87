import * as z from "zod";
import { attention, extendedBecause, isOpen } from "../core/privacy-request.ts";
import type { Deps } from "../runtime/dependencies.ts";
import { live } from "../runtime/live.ts";
import { task } from "../runtime/task.ts";
import { asTask } from "./ids.ts";
import { demandRequest, RequestInput } from "./privacy-input.ts";
import { sendLetter } from "./privacy-letter.ts";
import { raiseOnce } from "./raise-once.ts";

const Output = z.object({
  state: z.enum(["awaited", "accepted", "denied", "withdrawn", "closed"]),
  /** Until the next time to look. */
  seconds: z.int().min(1),
});

/**
 * Looks whether a request was decided; while it was not, sees that it presses the more the nearer its day is. An overdue
 * request presses every day.
 */
export const privacyClock = (
  deps: Pick<Deps, "records" | "organization" | "jurisdictions" | "log">,
) =>
  task(RequestInput, Output, async (input) => {
    const { patient, execution, request, now } = input;
    const look = await deps.records.change(
      asTask("privacy-clock", execution),
      async (work) => {
        const { task: found, kind } = await demandRequest(work, input);
        if (!isOpen(found)) return { status: found.status, kind };
        const { priority, overdue, next } = attention(found, now);
        if (priority !== found.priority)
          await work.update({ ...found, priority, lastModified: now });
        if (extendedBecause(found) !== undefined)
          await sendLetter(work, "extended", { task: found, input, deps });
        if (overdue)
          await raiseOnce(work, `${execution}/overdue`, {
            reason: "privacy-request-overdue",
            authoredOn: now,
            patientId: patient,
            focus: `Task/${request}`,
          });
        return { status: found.status, kind, overdue, next };
      },
    );
    if (look.overdue === true)
      deps.log("PrivacyRequestOverdue", {
        id: request,
        patient,
        execution,
        type: look.kind,
      });
    const { next = now } = look;
    return {
      state: states[look.status] ?? "closed",
      seconds: Math.max(
        1,
        Math.ceil((Date.parse(next) - Date.parse(now)) / 1000),
      ),
    };
  });

const states: Readonly<
  Record<string, z.infer<typeof Output>["state"] | undefined>
> = {
  requested: "awaited",
  received: "awaited",
  accepted: "accepted",
  "in-progress": "accepted",
  rejected: "denied",
  cancelled: "withdrawn",
};

export const handler = live(privacyClock);
