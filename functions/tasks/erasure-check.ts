import * as z from "zod";
import type { Deps } from "../runtime/dependencies.ts";
import { live } from "../runtime/live.ts";
import { task } from "../runtime/task.ts";
import { countryOf } from "../resources/normalise.ts";
import { asErasure, ErasureInput } from "./erasure-input.ts";

const Output = z.object({
  decision: z.enum(["erase", "legal-hold", "retention-duty"]),
});

/** Decides at the moment of effect whether the person may be erased; what stands against it is kept by name. */
export const erasureCheck = ({
  erasures,
  organization,
  log,
}: Pick<Deps, "erasures" | "organization" | "log">) =>
  task(ErasureInput, Output, async ({ execution, patient, request }) => {
    const store = await erasures();
    const context = asErasure("erasure-check", execution);
    // Whoever started the journey may have left it to us to note the request.
    const erasure = await store.request(context, patient, request);
    if (erasure.obstacle !== undefined)
      return { decision: erasure.obstacle.name };
    if (erasure.status !== "requested") return { decision: "erase" };
    const obstacle = await store.obstacle(
      patient,
      countryOf(organization.phone) ?? "US",
    );
    if (obstacle === undefined) return { decision: "erase" };
    await store.move(context, erasure, { status: "refused", obstacle });
    log("ErasureRefused", { patient, execution, reason: obstacle.name });
    return { decision: obstacle.name };
  });

export const handler = live(erasureCheck);
