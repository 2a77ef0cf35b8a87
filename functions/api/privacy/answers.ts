import type * as z from "zod";
import type { Vendor } from "../../core/vendor.ts";
import type { Deps } from "../../runtime/dependencies.ts";
import type { Reply, Request } from "../../runtime/http.ts";
import type { privacyRoutes } from "../routes/privacy.ts";

export type PrivacyDeps = Pick<
  Deps,
  | "records"
  | "organization"
  | "sessions"
  | "emergencies"
  | "erasures"
  | "holds"
  | "disposals"
  | "journeys"
  | "documents"
  | "disclosures"
  | "activity"
  | "jurisdictions"
  | "waits"
  | "log"
  | "now"
  | "newId"
> & {
  /** The whole register. */
  readonly vendors: readonly Vendor[];
};
export type PrivacyRoute = keyof typeof privacyRoutes;

type BodyOf<R extends PrivacyRoute> = (typeof privacyRoutes)[R] extends {
  readonly body: infer Schema extends z.ZodType;
}
  ? z.infer<Schema>
  : undefined;

/** What one file answers; together the files answer every route of the area. */
export type Answers<R extends PrivacyRoute> = {
  readonly [Name in R]: (request: Request<BodyOf<Name>>) => Promise<Reply>;
};
