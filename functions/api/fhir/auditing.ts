import type { Answers, FhirDeps } from "./answers.ts";

/** AuditEvents: not kept and not writable, but told from the facts. */
export const auditing = (
  deps: FhirDeps,
): Answers<
  | "GET /fhir/R4/AuditEvent"
  | "POST /fhir/R4/AuditEvent/_search"
  | "GET /fhir/R4/AuditEvent/{id}"
> => {
  const answers = async () =>
    (await import("./audit-search.ts")).auditSearch(deps);
  return {
    "GET /fhir/R4/AuditEvent": async (request) =>
      (await answers()).search(request),
    "POST /fhir/R4/AuditEvent/_search": async (request) =>
      (await answers()).searchPosted(request),
    "GET /fhir/R4/AuditEvent/{id}": async (request) =>
      (await answers()).read(request),
  };
};
