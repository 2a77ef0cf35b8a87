import type {
  Bundle,
  BundleEntry,
  BundleLink,
  OperationOutcome,
  OperationOutcomeIssue,
} from "@medplum/fhirtypes";
import type { Context } from "../../core/caller.ts";
import type { KnownType } from "../../resources/declaration.ts";
import { countryOf } from "../../resources/normalise.ts";
import {
  loadSearch,
  parseSearch,
  supportedBy,
} from "../../resources/search.ts";
import { project } from "../../resources/search/project.ts";
import type { SearchQuery } from "../../resources/search/query.ts";
import { printable } from "../../resources/search/values.ts";
import type { SearchResult } from "../../store/records.ts";
import type { Deps } from "../../runtime/dependencies.ts";
import { isStrict, nameOf } from "./exchange.ts";

export type Pairs = readonly (readonly [string, string])[];

export interface Asked {
  readonly type: KnownType;
  readonly params: Pairs;
  readonly prefer: string | undefined;
  readonly base: string;
  /** Then links carry a cursor but never the criteria: addresses are written to logs. */
  readonly posted: boolean;
  /** The patient in whose compartment alone to search. */
  readonly within?: string | undefined;
}

/** One page of a search as a Bundle. */
export const searchsetOf = async (
  { records, organization }: Pick<Deps, "records" | "organization">,
  context: Context,
  asked: Asked,
): Promise<Bundle> => {
  const { type, params, prefer, base, within } = asked;
  await loadSearch(type, params);
  const query = parseSearch(type, params, {
    strict: isStrict(prefer),
    country: countryOf(organization.phone),
    base,
    within,
  });
  const result = await records.search(context, query);
  const { matches, included, total } = result;
  const outcome = outcomeOf(query, result);
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
    ...(outcome === undefined
      ? []
      : [{ resource: outcome, search: { mode: "outcome" as const } }]),
  ];
  return {
    resourceType: "Bundle",
    type: "searchset",
    ...(total !== undefined && { total }),
    link: linksOf(asked, query, result.next),
    ...(entry.length > 0 && { entry }),
  };
};

const linksOf = (
  { type, base, posted, within }: Asked,
  { honoured }: SearchQuery,
  next: string | undefined,
): BundleLink[] => {
  const place = within === undefined ? type : `Patient/${within}/${type}`;
  const address = `${base}/${place}${posted ? "/_search" : ""}`;
  const told = posted ? [] : honoured;
  return [
    { relation: "self", url: withQuery(address, told) },
    ...(next === undefined
      ? []
      : [
          {
            relation: "next",
            url: withQuery(address, [...told, ["_cursor", next]]),
          },
        ]),
  ];
};

const withQuery = (address: string, params: Pairs): string =>
  params.length === 0
    ? address
    : `${address}?${params.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join("&")}`;

/** What the caller should know of the page; undefined when there is nothing. */
const outcomeOf = (
  { type, ignored }: SearchQuery,
  result: SearchResult,
): OperationOutcome | undefined => {
  const issue: OperationOutcomeIssue[] = [];
  if (ignored.length > 0)
    issue.push({
      severity: "warning",
      code: "not-supported",
      details: {
        text: `No effect had: ${ignored.map(printable).join(", ")}. ${type} supports: ${supportedBy(type)}.`,
      },
    });
  if (result.includesPartly === true)
    issue.push({
      severity: "warning",
      code: "incomplete",
      details: {
        text: "Not everything that _include and _revinclude ask for came along: a page includes at most 1000 resources and holds about 5 MB, and what refers to a resource is looked for where that is filed. Ask for smaller pages, or search for the rest.",
      },
    });
  return issue.length === 0
    ? undefined
    : { resourceType: "OperationOutcome", issue };
};
