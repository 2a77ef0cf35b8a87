import type { Answers, FhirDeps } from "./answers.ts";

/** Versions of one resource, of one type, of everything; newest first, deletions among them. */
export const history = (
  deps: FhirDeps,
): Answers<
  | "GET /fhir/R4/_history"
  | "GET /fhir/R4/{type}/_history"
  | "GET /fhir/R4/{type}/{id}/_history"
> => ({
  "GET /fhir/R4/_history": async (request) =>
    (await import("./history-bundle.ts")).changes(deps, request),
  "GET /fhir/R4/{type}/_history": async (request) =>
    (await import("./history-bundle.ts")).changes(deps, request),
  "GET /fhir/R4/{type}/{id}/_history": async (request) =>
    (await import("./history-bundle.ts")).versions(deps, request),
});
