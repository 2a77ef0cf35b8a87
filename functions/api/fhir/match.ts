import { baseOf, type Answers, type FhirDeps } from "./answers.ts";

/** Finding a patient who may be in the record already. */
export const matching = (
  deps: FhirDeps,
): Answers<"POST /fhir/R4/Patient/$match"> => ({
  "POST /fhir/R4/Patient/$match": async (request) => {
    const { matchBundle, questionFrom } = await import("./match-bundle.ts");
    return {
      status: 200,
      body: await matchBundle(
        deps,
        request.context,
        baseOf(request),
        await questionFrom(request),
      ),
    };
  },
});
