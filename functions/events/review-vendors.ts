import * as z from "zod";
import type { Context } from "../core/caller.ts";
import { staffTask, taskSystem } from "../core/staff-task.ts";
import type { Vendor } from "../core/vendor.ts";
import { dayIn, endingOf, warningOf, type Ending } from "../core/vendors.ts";
import type { Deps } from "../runtime/dependencies.ts";
import { vendorRegister } from "../runtime/vendor-register.ts";
import { event } from "../runtime/event.ts";
import { live } from "../runtime/live.ts";

/** What the daily schedule says; only that it is time. */
const Tick = z.object({ id: z.string() });

interface Reviewing extends Pick<
  Deps,
  "records" | "organization" | "now" | "log"
> {
  readonly vendors: readonly Vendor[];
}

/**
 * Asks the privacy officer, once for each vendor and threshold, to renew or review what binds it. A day that was missed is
 * made up for by the next one.
 */
export const reviewVendors = ({
  records,
  organization,
  vendors,
  now,
  log,
}: Reviewing) =>
  event(Tick, async ({ id: requestId }) => {
    const at = now();
    const today = dayIn(organization.timeZone, at);
    const context: Context = {
      by: { kind: "system", id: "review-vendors" },
      purpose: "HOPERAT",
      requestId,
    };
    for (const vendor of vendors) {
      const ending = endingOf(vendor, today);
      const warning = warningOf(ending);
      if (warning === undefined) continue;
      const id = await records.change(context, async (work) => {
        const task = taskOf(ending, warning, at);
        const [existing] = await work.byIdentifier(
          "Task",
          taskSystem,
          task.identifier?.[0]?.value ?? "",
        );
        return existing === undefined
          ? (await work.create(task)).id
          : undefined;
      });
      if (id !== undefined)
        log("TaskRaised", { id, reason: "vendor-agreement-ends" });
    }
  });

const taskOf = (
  { vendor, day, kind }: Ending,
  warning: string,
  at: Date,
): ReturnType<typeof staffTask> =>
  staffTask({
    reason: "vendor-agreement-ends",
    identifier: {
      system: taskSystem,
      value: `vendor/${vendor}/${kind}/${day}/${warning}`,
    },
    authoredOn: at.toISOString(),
    input: [
      { name: "vendor", text: vendor },
      { name: kind, text: day },
    ],
  });

export const handler = live(reviewVendors, {
  vendors: vendorRegister,
});
