import * as z from "zod";
import type { Deps } from "../runtime/dependencies.ts";
import { live } from "../runtime/live.ts";
import { task } from "../runtime/task.ts";
import { countryOf } from "../resources/normalise.ts";
import { asTask } from "./ids.ts";
import { demandRequest, Obstacle, RequestInput } from "./privacy-input.ts";

/** What stands against it. */
const Output = z.object({ obstacle: Obstacle.optional() });

/**
 * Whether the record may be erased now: a legal hold outranks the wish, and so does a law that has the record kept (GDPR Art.
 * 17(3)(b), (e)). The wish is denied then; no law of our packs restricts the record instead (GDPR Art. 18(1) asks for reasons
 * of its own), and care goes on.
 */
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
    return obstacle === undefined ? {} : { obstacle: obstacle.name };
  });

export const handler = live(privacyErasable);
