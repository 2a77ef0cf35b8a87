import * as z from "zod";
import { erasureOccurrence } from "../core/erasure.ts";
import type { Deps } from "../runtime/dependencies.ts";
import { live } from "../runtime/live.ts";
import { task } from "../runtime/task.ts";
import { RequestInput } from "./privacy-input.ts";

/** Starts the erasure that the request asked for; it looks again whether anything stands against it. */
export const privacyErase = ({
  journeys,
  log,
}: Pick<Deps, "journeys" | "log">) =>
  task(RequestInput, z.object({}), async ({ patient, request, execution }) => {
    await journeys.start(erasureOccurrence(patient, request), {
      patient,
      request,
    });
    log("ErasureStarted", { id: request, patient, execution });
    return {};
  });

export const handler = live(privacyErase);
