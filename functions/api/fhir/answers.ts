import type { Deps } from "../../runtime/dependencies.ts";
import type { Reply, Request } from "../../runtime/http.ts";
import type { fhirRoutes } from "../routes/fhir.ts";

export type FhirDeps = Pick<
  Deps,
  "records" | "vault" | "organization" | "log" | "now"
>;
export type FhirRoute = keyof typeof fhirRoutes;
export type Answer = (request: Request) => Promise<Reply>;

/** What one file answers; together the files answer every FHIR route. */
export type Answers<R extends FhirRoute> = Readonly<Record<R, Answer>>;

/** The server's own address, as the caller sees it. */
export const baseOf = ({ origin }: Request): string => `${origin}/fhir/R4`;

export const preferOf = (request: Request): string | undefined =>
  request.header("prefer");
