import type { Answers, FhirDeps } from "./answers.ts";

/** Binaries, as FHIR resources or as the bytes that they are; all else is answered as for any type. */
export const binary = (
  deps: FhirDeps,
): Answers<
  | "POST /fhir/R4/Binary"
  | "GET /fhir/R4/Binary/{id}"
  | "PUT /fhir/R4/Binary/{id}"
> => {
  const answers = async () => (await import("./binary-bytes.ts")).bytes(deps);
  return {
    "POST /fhir/R4/Binary": async (request) => (await answers()).post(request),
    "GET /fhir/R4/Binary/{id}": async (request) =>
      (await answers()).get(request),
    "PUT /fhir/R4/Binary/{id}": async (request) =>
      (await answers()).put(request),
  };
};
