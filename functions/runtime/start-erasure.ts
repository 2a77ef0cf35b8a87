import type { Context } from "../core/caller.ts";
import { erasureOccurrence } from "../core/erasure.ts";
import type { Erasure } from "../store/erasures.ts";
import type { Deps } from "./dependencies.ts";

/**
 * Starts the erasure of a person by any of the records; `request` is the id of whatever asked for it, and the same request
 * starts once. Throws UnknownPatient (404), Erased (410), ErasureRunning (409).
 */
export const startErasure = async (
  { erasures, journeys }: Pick<Deps, "erasures" | "journeys">,
  context: Context,
  { patient, request }: { readonly patient: string; readonly request: string },
): Promise<Erasure> => {
  const erasure = await (await erasures()).request(context, patient, request);
  if (erasure.status === "requested")
    await journeys.start(erasureOccurrence(patient, request), {
      patient,
      request,
    });
  return erasure;
};
