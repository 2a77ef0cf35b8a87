import type { ErasureObstacle } from "../../core/erasure.ts";
import { Fault } from "../../core/fault.ts";
import { countryOf } from "../../resources/normalise.ts";
import { startErasure } from "../../runtime/start-erasure.ts";
import type { Erasure } from "../../store/erasures.ts";
import type { Answers, PrivacyDeps } from "./answers.ts";

/** Erases a person when nothing stands against it, and shows how far that is and what proves it. */
export const erasure = (
  deps: Pick<
    PrivacyDeps,
    | "erasures"
    | "journeys"
    | "documents"
    | "organization"
    | "now"
    | "newId"
    | "log"
  >,
): Answers<
  | "POST /v1/patients/{id}/erasure"
  | "GET /v1/patients/{id}/erasure"
  | "GET /v1/patients/{id}/erasure/certificate"
> => {
  const { erasures, documents, organization, newId, log } = deps;

  const found = async (patient: string): Promise<Erasure> => {
    const one = await (await erasures()).find(patient);
    if (one !== undefined) return one;
    throw new Fault("NotFound", 404, "Nobody asked for an erasure.");
  };

  return {
    "POST /v1/patients/{id}/erasure": async ({
      params: { id = "" },
      context,
    }) => {
      const store = await erasures();
      const country = countryOf(organization.phone) ?? "US";
      const obstacle = await store.obstacle(id, country);
      const asked = { patient: id, request: newId() };
      if (obstacle === undefined)
        return {
          status: 202,
          headers: { location: `/v1/patients/${id}/erasure` },
          body: shown(await startErasure(deps, context, asked)),
        };
      // A refusal is kept, with its reason.
      await store.move(
        context,
        await store.request(context, id, asked.request),
        { status: "refused", obstacle },
      );
      log("ErasureRefused", {
        requestId: context.requestId,
        reason: obstacle.name,
      });
      throw restricted(obstacle);
    },
    "GET /v1/patients/{id}/erasure": async ({ params: { id = "" } }) => ({
      status: 200,
      body: shown(await found(id)),
    }),
    "GET /v1/patients/{id}/erasure/certificate": async ({
      params: { id = "" },
    }) => {
      const { certificate } = await found(id);
      const file =
        certificate === undefined
          ? undefined
          : await documents.get(certificate);
      if (file === undefined)
        throw new Fault("NotFound", 404, "There is no certificate yet.");
      // Byte for byte: any other form of it is none.
      return { status: 200, json: Buffer.from(file).toString("utf8") };
    },
  };
};

const shown = ({
  patient,
  request,
  status,
  requested,
  shredded,
  certified,
  obstacle,
}: Erasure) => ({
  patient,
  request,
  status,
  requested,
  ...(shredded !== undefined && { shredded }),
  ...(certified !== undefined && { certified }),
  ...(obstacle !== undefined && { obstacle }),
});

const restricted = (obstacle: ErasureObstacle): Fault =>
  obstacle.name === "legal-hold"
    ? new Fault("LegalHold", 409, "The record is not erased (legal-hold).")
    : new Fault(
        "RetentionDuty",
        409,
        `The record is not erased (retention-duty ${obstacle.rule}).`,
      );
