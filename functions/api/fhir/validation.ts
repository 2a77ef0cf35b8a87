import type { Answer, Answers, FhirDeps } from "./answers.ts";

/** What would be wrong with a resource, without writing it. */
export const validation = (
  deps: FhirDeps,
): Answers<
  "POST /fhir/R4/{type}/$validate" | "POST /fhir/R4/{type}/{id}/$validate"
> => {
  const validated: Answer = async (request) =>
    (await import("./validating.ts")).validateResource(deps, request);
  return {
    "POST /fhir/R4/{type}/$validate": validated,
    "POST /fhir/R4/{type}/{id}/$validate": validated,
  };
};
