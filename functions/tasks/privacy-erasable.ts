import * as z from "zod";
import type { Deps } from "../runtime/dependencies.ts";
import { live } from "../runtime/live.ts";
import { task } from "../runtime/task.ts";
import { countryOf } from "../resources/normalise.ts";
import { erasureOutcome, outcomes } from "../core/privacy-request.ts";
import { asTask } from "./ids.ts";
import { demandRequest, RequestInput } from "./privacy-input.ts";

const Output = z.object({
  outcome: z.enum(outcomes),
  /** What stands against it, by name. */
  obstacle: z.enum(["legal-hold", "retention-duty"]).optional(),
});

/** Whether the record may be erased now: a legal hold outranks the wish, and so does a law that has the record kept. */
export const privacyErasable = (
  deps: Pick<Deps, "records" | "erasures" | "organization">,
) =>
  task(RequestInput, Output, async (input): Promise<z.infer<typeof Output>> => {
    await deps.records.change(
      asTask("privacy-erasable", input.execution),
      (work) => demandRequest(work, input),
    );
    const erasures = await deps.erasures();
    const obstacle = await erasures.obstacle(
      input.patient,
      countryOf(deps.organization.phone) ?? "US",
    );
    return erasureOutcome(obstacle);
  });

export const handler = live(privacyErasable);
