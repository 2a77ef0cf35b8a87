import type { Context } from "../core/caller.ts";
import { erasureOccurrence } from "../core/erasure.ts";
import type { Erasure } from "../store/erasures.ts";
import type { Deps } from "./dependencies.ts";

/** By then an erasure whose keys are destroyed has its certificate, or its journey has failed. */
const carriedThrough = 3_600_000;

/**
 * Starts the erasure of a person by any of the records; `request` is the id of whatever asked for it, and the same request
 * starts once. One whose keys went and that was never certified is taken up again, at most once an hour: every step may be
 * repeated. Throws UnknownPatient (404), Erased (410), ErasureRunning (409).
 */
export const startErasure = async (
  { erasures, journeys, now }: Pick<Deps, "erasures" | "journeys" | "now">,
  context: Context,
  { patient, request }: { readonly patient: string; readonly request: string },
): Promise<Erasure> => {
  const store = await erasures();
  const before = await store.find(patient);
  if (before?.status === "shredded") {
    if (now().getTime() - Date.parse(before.shredded ?? "") >= carriedThrough)
      await journeys.start(
        erasureOccurrence(
          before.patient,
          `${before.request} ${now().toISOString().slice(0, 13)}`,
        ),
        { patient: before.patient, request: before.request },
      );
    return before;
  }
  const erasure = await store.request(context, patient, request);
  if (erasure.status === "requested")
    await journeys.start(erasureOccurrence(patient, request), {
      patient,
      request,
    });
  return erasure;
};
