import { liveAuthenticate } from "../runtime/authenticate.ts";
import { environment } from "../runtime/environment.ts";
import { vendorRegister } from "../runtime/vendor-register.ts";
import {
  area,
  http,
  type AreaDeps,
  type Reply,
  type Request,
} from "../runtime/http.ts";
import { live } from "../runtime/live.ts";
import type { ReviewDeps } from "./privacy/access-review.ts";
import type { Answers, PrivacyDeps, PrivacyRoute } from "./privacy/answers.ts";
import { privacyRoutes } from "./routes/privacy.ts";

/** What the law gives patients and asks of the organization: who saw what, to whom it went, and how rules are overridden. */
export const privacy = (deps: PrivacyDeps & AreaDeps & ReviewDeps) => {
  const answers: Answers<PrivacyRoute> = {
    ...late(
      [
        "POST /v1/emergency-access",
        "GET /v1/emergency-access",
        "DELETE /v1/emergency-access/{id}",
      ],
      async () =>
        (await import("./privacy/emergency-access.ts")).emergencyAccess(deps),
    ),
    ...late(
      ["POST /v1/disclosures", "GET /v1/patients/{id}/disclosures"],
      async () => (await import("./privacy/disclosures.ts")).disclosures(deps),
    ),
    ...late(["GET /v1/patients/{id}/access-log"], async () =>
      (await import("./privacy/access-log.ts")).accessLog(deps),
    ),
    ...late(
      ["GET /v1/access-reviews/current", "POST /v1/access-reviews"],
      async () =>
        (await import("./privacy/access-review.ts")).accessReview(deps),
    ),
    ...late(["GET /v1/vendors"], async () =>
      (await import("./privacy/vendors.ts")).vendors(deps),
    ),
    ...late(
      [
        "PUT /v1/patients/{id}/hold",
        "GET /v1/patients/{id}/hold",
        "DELETE /v1/patients/{id}/hold",
      ],
      async () => (await import("./privacy/holds.ts")).legalHolds(deps),
    ),
    ...late(
      [
        "POST /v1/patients/{id}/erasure",
        "GET /v1/patients/{id}/erasure",
        "GET /v1/patients/{id}/erasure/certificate",
      ],
      async () => (await import("./privacy/erasure.ts")).erasure(deps),
    ),
    ...late(
      ["GET /v1/disposals/{id}", "POST /v1/disposals/{id}/confirmation"],
      async () => (await import("./privacy/disposals.ts")).disposals(deps),
    ),
    ...late(
      [
        "POST /v1/privacy-requests",
        "GET /v1/privacy-requests",
        "GET /v1/privacy-requests/{id}",
        "POST /v1/privacy-requests/{id}/decision",
        "POST /v1/privacy-requests/{id}/statement",
        "POST /v1/privacy-requests/{id}/withdrawal",
        "POST /v1/privacy-requests/{id}/review",
        "GET /v1/privacy-requests/{id}/result",
        "GET /v1/privacy-requests/{id}/result/{file}",
      ],
      async () =>
        (await import("./privacy/privacy-requests.ts")).privacyRequests(deps),
    ),
    ...late(
      [
        "GET /v1/session",
        "POST /v1/session",
        "DELETE /v1/session",
        "POST /v1/staff/{id}/end-sessions",
        "POST /v1/patients/{id}/end-sessions",
      ],
      async () => (await import("./privacy/sessions.ts")).sessions(deps),
    ),
  };
  const endpoints = Object.fromEntries(
    Object.entries(answers).map(([name, answer]) => [
      name,
      http(
        privacyRoutes[name as PrivacyRoute],
        answer as (request: Request) => Promise<Reply>,
      ),
    ]),
  );
  return area(endpoints, deps);
};

/** Answers that are loaded with the first request for one of them. */
const late = <R extends PrivacyRoute>(
  names: readonly R[],
  load: () => Promise<Answers<R>>,
): Answers<R> =>
  Object.fromEntries(
    names.map((name) => [
      name,
      async (request: Parameters<Answers<R>[R]>[0]) =>
        (await load())[name](request),
    ]),
  ) as Answers<R>;

export const handler = live(privacy, {
  authenticate: liveAuthenticate,
  staffAccounts: () => ({
    members: async () => {
      const { cognitoStaff } = await import("../outbound/staff-accounts.ts");
      return cognitoStaff(environment("STAFF_POOL_ID")).members();
    },
  }),
  vendors: vendorRegister,
});
