import * as z from "zod";
import type { Context } from "../core/caller.ts";
import { staffTask, taskSystem } from "../core/staff-task.ts";
import { countryOf } from "../resources/normalise.ts";
import type { Deps } from "../runtime/dependencies.ts";
import { batch } from "../runtime/event.ts";
import { live } from "../runtime/live.ts";

/** Half of the time that the function has; what is left goes on the next day. */
const longest = 5 * 60_000;

/**
 * Once a month lists whose record need not be kept any longer, and asks the privacy officer about the list. Disposal is
 * begun by a person, never by the time.
 */
export const reviewRetention = (
  deps: Pick<Deps, "disposals" | "records" | "organization" | "now" | "log">,
) =>
  batch(z.unknown(), async () => {
    const { disposals, records, organization, now, log } = deps;
    const end = now().getTime() + longest;
    const month = now().toISOString().slice(0, 7);
    const store = await disposals();
    const { status, count } = await store.review(
      month,
      countryOf(organization.phone) ?? "US",
      () => now().getTime() >= end,
    );
    log("RetentionReviewed", { count });
    if (status === "listed" && count > 0)
      await records.change(context(month), async (work) => {
        const value = `disposal/${month}`;
        const known = await work.byIdentifier("Task", taskSystem, value);
        if (known.length > 0) return;
        await work.create(
          staffTask({
            reason: "disposal-due",
            identifier: { system: taskSystem, value },
            authoredOn: now().toISOString(),
            input: [
              { name: "records", text: String(count) },
              { name: "list", text: `/v1/disposals/${month}` },
            ],
          }),
        );
      });
    return [];
  });

const context = (month: string): Context => ({
  by: { kind: "system", id: "review-retention" },
  purpose: "HOPERAT",
  requestId: `retention-${month}`,
});

export const handler = live(reviewRetention);
