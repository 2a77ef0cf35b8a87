import type * as z from "zod";
import type { Patient } from "@medplum/fhirtypes";
import { pushPlatform } from "../core/addresses.ts";
import { Fault } from "../core/fault.ts";
import type { Deps } from "../runtime/dependencies.ts";
import { area, http, type AreaDeps, type Endpoint } from "../runtime/http.ts";
import { liveAuthenticate } from "../runtime/authenticate.ts";
import { live } from "../runtime/live.ts";
import { engagementRoutes as routes } from "./routes/engagement.ts";

type EngagementDeps = Pick<Deps, "records" | "organization"> & AreaDeps;
type EngagementRoute = keyof typeof routes;

/** Everything that is not FHIR: the API's own document, the patient's devices. */
export const engagement = (deps: EngagementDeps) => {
  const { records, organization } = deps;
  const endpoints: Readonly<Record<EngagementRoute, Endpoint>> = {
    "GET /v1/openapi.json": http(
      routes["GET /v1/openapi.json"],
      async ({ origin }) => {
        const { openApi } = await import("./open-api.ts");
        return { status: 200, body: openApi(organization.displayName, origin) };
      },
    ),
    "POST /v1/devices": http<
      z.infer<(typeof routes)["POST /v1/devices"]["body"]>
    >(routes["POST /v1/devices"], async ({ body, context }) => {
      await records.change(
        { ...context, operation: "device" },
        async (work) => {
          const patient = await work.read("Patient", context.by.id);
          if (patient === undefined)
            throw new Fault("NotFound", 404, "There is no such patient.");
          await work.update(withDevice(patient, body));
        },
      );
      return { status: 204 };
    }),
  };
  return area(endpoints, deps);
};

export const handler = live(engagement, { authenticate: liveAuthenticate });

/** The patient with the device among the contact points; a token registered again is one device. */
const withDevice = <P extends Patient>(
  patient: P,
  { token, platform }: { token: string; platform: "APNS" | "GCM" },
): P => ({
  ...patient,
  telecom: [
    ...(patient.telecom ?? []).filter(
      ({ system, value }) => system !== "other" || value !== token,
    ),
    {
      system: "other",
      value: token,
      use: "mobile",
      extension: [{ url: pushPlatform, valueCode: platform }],
    },
  ],
});
