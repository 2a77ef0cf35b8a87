import type { Bundle } from "@medplum/fhirtypes";
import type { Context } from "../../core/caller.ts";
import { Fault } from "../../core/fault.ts";
import type { Deps } from "../../runtime/dependencies.ts";
import type { Request } from "../../runtime/http.ts";
import { baseOf, preferOf, type Answers, type FhirDeps } from "./answers.ts";
import { knownType } from "./exchange.ts";
import type { Asked, Pairs } from "./searchset.ts";

/** One page of a search as a Bundle; what searching takes is loaded with the first. */
export const searchset = async (
  deps: Pick<Deps, "records" | "organization">,
  context: Context,
  asked: Asked,
): Promise<Bundle> => {
  const { searchsetOf } = await import("./searchset.ts");
  return searchsetOf(deps, context, asked);
};

const mostPairs = 100;

/** Parameters of a POST search: its form body, and for paging the cursor in its address. Throws 400. */
export const formParams = (text: string): Pairs => {
  if (text.trimStart().startsWith("{"))
    throw new Fault(
      "InvalidRequest",
      400,
      "POST _search takes its criteria as application/x-www-form-urlencoded.",
    );
  if (text.split("&", mostPairs + 1).length > mostPairs)
    throw new Fault(
      "TooCostly",
      400,
      `A search takes at most ${String(mostPairs)} parameters.`,
      { code: "too-costly" },
    );
  return [...new URLSearchParams(text)];
};

const searched = async (
  deps: FhirDeps,
  request: Request,
  asked: Pick<Asked, "posted" | "within"> = { posted: false },
) => ({
  status: 200,
  body: await searchset(deps, request.context, {
    type: knownType(request.params.type ?? ""),
    params: asked.posted
      ? [...formParams(request.text), ...request.query]
      : request.query,
    prefer: preferOf(request),
    base: baseOf(request),
    ...asked,
  }),
});

export const searching = (
  deps: FhirDeps,
): Answers<"GET /fhir/R4/{type}" | "POST /fhir/R4/{type}/_search"> => ({
  "GET /fhir/R4/{type}": (request) => searched(deps, request),
  "POST /fhir/R4/{type}/_search": (request) =>
    searched(deps, request, { posted: true }),
});

/** Search in one patient's compartment. Literal segments win over parameters, and of equals the first: `_history` comes before. */
export const compartmentSearching = (
  deps: FhirDeps,
): Answers<
  | "GET /fhir/R4/Patient/{id}/{type}"
  | "POST /fhir/R4/Patient/{id}/{type}/_search"
> => ({
  "GET /fhir/R4/Patient/{id}/{type}": (request) =>
    searched(deps, request, { posted: false, within: request.params.id }),
  "POST /fhir/R4/Patient/{id}/{type}/_search": (request) =>
    searched(deps, request, { posted: true, within: request.params.id }),
});
