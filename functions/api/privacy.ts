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
import { accessLog } from "./privacy/access-log.ts";
import { accessReview, type ReviewDeps } from "./privacy/access-review.ts";
import type { Answers, PrivacyDeps, PrivacyRoute } from "./privacy/answers.ts";
import { disclosures } from "./privacy/disclosures.ts";
import { disposals } from "./privacy/disposals.ts";
import { emergencyAccess } from "./privacy/emergency-access.ts";
import { erasure } from "./privacy/erasure.ts";
import { legalHolds } from "./privacy/holds.ts";
import { privacyRequests } from "./privacy/privacy-requests.ts";
import { sessions } from "./privacy/sessions.ts";
import { vendors } from "./privacy/vendors.ts";
import { routes } from "./routes.ts";

/** What the law gives patients and asks of the organization: who saw what, to whom it went, and how rules are overridden. */
export const privacy = (deps: PrivacyDeps & AreaDeps & ReviewDeps) => {
  const answers: Answers<PrivacyRoute> = {
    ...emergencyAccess(deps),
    ...disclosures(deps),
    ...accessLog(deps),
    ...accessReview(deps),
    ...vendors(deps),
    ...legalHolds(deps),
    ...erasure(deps),
    ...disposals(deps),
    ...privacyRequests(deps),
    ...sessions(deps),
  };
  const endpoints = Object.fromEntries(
    Object.entries(answers).map(([name, answer]) => [
      name,
      http(
        routes[name as PrivacyRoute],
        answer as (request: Request) => Promise<Reply>,
      ),
    ]),
  );
  return area(endpoints, deps);
};

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
