import { baseOf, type Answer, type Answers, type FhirDeps } from "./answers.ts";

/** A patient's whole record, and its summary. */
export const everything = (
  deps: FhirDeps,
): Answers<
  | "GET /fhir/R4/Patient/{id}/$everything"
  | "POST /fhir/R4/Patient/{id}/$everything"
  | "GET /fhir/R4/Patient/{id}/$summary"
  | "POST /fhir/R4/Patient/{id}/$summary"
> => {
  const everythingOf: Answer = async (request) => {
    const { answerEverything } = await import("./everything-bundle.ts");
    return answerEverything(deps, request, baseOf(request));
  };
  const summaryOf: Answer = async (request) => {
    const { answerSummary } = await import("./summary.ts");
    return answerSummary(deps, request, baseOf(request));
  };
  return {
    "GET /fhir/R4/Patient/{id}/$everything": everythingOf,
    "POST /fhir/R4/Patient/{id}/$everything": everythingOf,
    "GET /fhir/R4/Patient/{id}/$summary": summaryOf,
    "POST /fhir/R4/Patient/{id}/$summary": summaryOf,
  };
};
