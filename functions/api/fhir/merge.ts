import type { Answers, FhirDeps } from "./answers.ts";

/** Two records of one person made one, and parted again. */
export const merge = (
  deps: FhirDeps,
): Answers<
  "POST /fhir/R4/Patient/$merge" | "POST /fhir/R4/Patient/$unmerge"
> => ({
  "POST /fhir/R4/Patient/$merge": async (request) =>
    (await import("./merging.ts")).mergePatients(deps, request),
  "POST /fhir/R4/Patient/$unmerge": async (request) =>
    (await import("./merging.ts")).unmergePatients(deps, request),
});
