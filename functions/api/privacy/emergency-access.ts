import type { Context } from "../../core/caller.ts";
import {
  emergencyReasons,
  type EmergencyAccess,
} from "../../core/emergency-access.ts";
import { securitySystem } from "../../core/request-kind.ts";
import type { Answers, PrivacyDeps } from "./answers.ts";

const reviewWithin = 3 * 86_400_000;

/** What carries it only a privacy officer closes: see policies/base.cedar. */
const reviewLabel = { system: securitySystem, code: "privacy-review" };

/** Break-glass: a record opens for an hour to who treats, and the privacy officer is told first. */
export const emergencyAccess = (
  deps: PrivacyDeps,
): Answers<
  | "POST /v1/emergency-access"
  | "GET /v1/emergency-access"
  | "DELETE /v1/emergency-access/{id}"
> => {
  const { records, organization, emergencies, log, now, newId } = deps;

  const askForReview = (
    { by, requestId }: Context,
    {
      patient,
      reason,
      text,
    }: Pick<EmergencyAccess, "patient" | "reason" | "text">,
  ): Promise<unknown> =>
    records.change(
      {
        by: { kind: "system", id: "emergency-access" },
        purpose: "HOPERAT",
        requestId,
      },
      async (work) => {
        const { staffTask, taskSystem } =
          await import("../../core/staff-task.ts");
        await work.demand("Patient", patient);
        return work.create({
          meta: { security: [reviewLabel] },
          ...staffTask({
            reason: "emergency-access-review",
            identifier: {
              system: taskSystem,
              value: `emergency-access/${newId()}`,
            },
            authoredOn: now().toISOString(),
            patientId: patient,
            due: new Date(now().getTime() + reviewWithin).toISOString(),
            input: [
              { name: "staff", text: by.id },
              { name: "reason", text: emergencyReasons[reason] },
              { name: "explanation", text },
            ],
          }),
        });
      },
    );

  return {
    "POST /v1/emergency-access": async ({ body, context }) => {
      // Before the record opens: an alert without an access is harmless, an access without an alert is not.
      await askForReview(context, body);
      log("EmergencyAccessOpened", {
        requestId: context.requestId,
        reason: body.reason,
      });
      const store = await emergencies();
      const { minutes } = organization.emergencyAccess;
      return {
        status: 201,
        headers: { location: `/v1/emergency-access/${body.patient}` },
        body: await store.open(context, body, minutes),
      };
    },
    "GET /v1/emergency-access": async ({ context }) => {
      const store = await emergencies();
      return { status: 200, body: { items: await store.listOpen(context) } };
    },
    "DELETE /v1/emergency-access/{id}": async ({ params, context }) => {
      const store = await emergencies();
      await store.end(context, params.id ?? "");
      return { status: 204 };
    },
  };
};
