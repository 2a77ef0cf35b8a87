import { Fault } from "../../core/fault.ts";
import { countryOf } from "../../resources/normalise.ts";
import { startErasure } from "../../runtime/start-erasure.ts";
import type { Review } from "../../store/disposals.ts";
import type { Answers, PrivacyDeps } from "./answers.ts";

/** Records that need not be kept any longer: the list, and a person's word that some of them go. */
export const disposals = (
  deps: Pick<
    PrivacyDeps,
    | "disposals"
    | "erasures"
    | "journeys"
    | "organization"
    | "now"
    | "newId"
    | "log"
  >,
): Answers<
  "GET /v1/disposals/{id}" | "POST /v1/disposals/{id}/confirmation"
> => {
  const found = async (id: string): Promise<Review> => {
    const review = await (await deps.disposals()).find(id);
    if (review !== undefined) return review;
    throw new Fault("NotFound", 404, "There is no such list.");
  };

  return {
    "GET /v1/disposals/{id}": async ({ params: { id = "" } }) => {
      const { status, count } = await found(id);
      const patients = await (await deps.disposals()).listed(id);
      return { status: 200, body: { id, status, count, patients } };
    },
    "POST /v1/disposals/{id}/confirmation": async ({
      params: { id = "" },
      body: { patients },
      context,
    }) => {
      await found(id);
      const listed = new Set(await (await deps.disposals()).listed(id));
      if (!patients.every((patient) => listed.has(patient)))
        throw new Fault(
          "NotListed",
          422,
          "Only records of this list are disposed of by it.",
          { expression: ["patients"] },
        );
      const store = await deps.disposals();
      const country = countryOf(deps.organization.phone) ?? "US";
      const kept: string[] = [];
      // Each erasure looks again for what stands against it; whose record was used since is not disposed of.
      for (const patient of patients) {
        if (!(await store.isDueOrGone(patient, country))) {
          kept.push(patient);
          continue;
        }
        await startErasure(deps, context, {
          patient,
          request: deps.newId(),
        }).catch(unlessUnderWay);
      }
      deps.log("DisposalConfirmed", {
        requestId: context.requestId,
        count: patients.length - kept.length,
      });
      return {
        status: 202,
        body: { id, confirmed: patients.length - kept.length, kept },
      };
    },
  };
};

/** It was confirmed twice, or asked for otherwise. */
const unlessUnderWay = (error: unknown): undefined => {
  if (
    !(error instanceof Fault) ||
    !["ErasureRunning", "Erased"].includes(error.name)
  )
    throw error;
};
