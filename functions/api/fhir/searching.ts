import type { Bundle, BundleEntry, BundleLink } from "@medplum/fhirtypes";
import type { Context } from "../../core/caller.ts";
import { Fault } from "../../core/fault.ts";
import type { KnownType } from "../../resources/declaration.ts";
import { loadSearch, parseSearch } from "../../resources/search.ts";
import { parametersOf } from "../../resources/search/parameter.ts";
import { project } from "../../resources/search/project.ts";
import { countryOf } from "../../resources/normalise.ts";
import { baseOf, preferOf, type Answers, type FhirDeps } from "./answers.ts";
import type { Deps } from "../../runtime/dependencies.ts";
import { isStrict, knownType, nameOf } from "./exchange.ts";

type Pairs = readonly (readonly [string, string])[];

/** A searchset. With `posted`, links carry a cursor but never the criteria: addresses are written to logs. */
export const searchset = async (
  { records, organization }: Pick<Deps, "records" | "organization">,
  context: Context,
  {
    type,
    params,
    prefer,
    base,
    posted,
  }: {
    type: KnownType;
    params: Pairs;
    prefer: string | undefined;
    base: string;
    posted: boolean;
  },
): Promise<Bundle> => {
  await loadSearch(type, params);
  const query = parseSearch(type, params, {
    strict: isStrict(prefer),
    country: countryOf(organization.phone),
    base,
  });
  const { matches, included, total, next } = await records.search(
    context,
    query,
  );
  const address = `${base}/${type}`;
  const link: BundleLink[] = [
    {
      relation: "self",
      url: posted ? `${address}/_search` : withQuery(address, query.honoured),
    },
  ];
  if (next !== undefined)
    link.push({
      relation: "next",
      url: withQuery(posted ? `${address}/_search` : address, [
        ...(posted ? [] : query.honoured),
        ["_cursor", next],
      ]),
    });
  const entry: BundleEntry[] = [
    ...matches.map((resource) => ({
      fullUrl: `${base}/${nameOf(resource)}`,
      resource: project(query, resource),
      search: { mode: "match" as const },
    })),
    ...included.map((resource) => ({
      fullUrl: `${base}/${nameOf(resource)}`,
      resource,
      search: { mode: "include" as const },
    })),
    ...(query.ignored.length === 0
      ? []
      : [{ resource: ignored(type), search: { mode: "outcome" as const } }]),
  ];
  return {
    resourceType: "Bundle",
    type: "searchset",
    ...(total !== undefined && { total }),
    link,
    ...(entry.length > 0 && { entry }),
  };
};

const withQuery = (address: string, params: Pairs): string =>
  params.length === 0
    ? address
    : `${address}?${params.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join("&")}`;

const ignored = (type: KnownType) => ({
  resourceType: "OperationOutcome" as const,
  issue: [
    {
      severity: "warning" as const,
      code: "not-supported" as const,
      details: {
        text: `Some parameters are unknown here and had no effect. ${type} supports: ${[...parametersOf(type).keys()].join(", ")}.`,
      },
    },
  ],
});

/** Parameters of a POST search: its form body, and for paging the cursor in its address. Throws 400. */
export const formParams = (text: string): Pairs => {
  if (text.trimStart().startsWith("{"))
    throw new Fault(
      "InvalidRequest",
      400,
      "POST _search takes its criteria as application/x-www-form-urlencoded.",
    );
  return [...new URLSearchParams(text)];
};

export const searching = (
  deps: FhirDeps,
): Answers<"GET /fhir/R4/{type}" | "POST /fhir/R4/{type}/_search"> => ({
  "GET /fhir/R4/{type}": async (request) => ({
    status: 200,
    body: await searchset(deps, request.context, {
      type: knownType(request.params.type ?? ""),
      params: request.query,
      prefer: preferOf(request),
      base: baseOf(request),
      posted: false,
    }),
  }),
  "POST /fhir/R4/{type}/_search": async (request) => ({
    status: 200,
    body: await searchset(deps, request.context, {
      type: knownType(request.params.type ?? ""),
      params: [...formParams(request.text), ...request.query],
      prefer: preferOf(request),
      base: baseOf(request),
      posted: true,
    }),
  }),
});
