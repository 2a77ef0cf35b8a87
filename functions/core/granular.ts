import type { Resource } from "@medplum/fhirtypes";
import type { KnownType } from "../resources/declaration.ts";
import type { CountryCode } from "../resources/normalise.ts";
import { loadSearch, parseSearch } from "../resources/search.ts";
import { matches } from "../resources/search/match.ts";
import type { SearchQuery } from "../resources/search/query.ts";
import { Fault } from "./fault.ts";
import type { Criteria } from "./scopes.ts";

/**
 * Whether a resource of the type answers to one of the alternatives, as search would find it. An alternative with a
 * parameter or value that search does not know grants nothing. Throws 403 when that leaves none.
 */
export const withinScopes = async (
  type: KnownType,
  alternatives: readonly Criteria[],
  country?: CountryCode,
): Promise<(resource: Resource) => boolean> => {
  await loadSearch(type, []);
  const queries = alternatives.flatMap(
    (criteria) => understood(type, criteria, country) ?? [],
  );
  if (queries.length === 0)
    throw new Fault(
      "Forbidden",
      403,
      `The scopes of this token narrow ${type} by what is no search parameter, or no value of one, here (scope-parameter).`,
      { policy: "scope-parameter" },
    );
  return (resource) => queries.some((query) => matches(query, resource));
};

const understood = (
  type: KnownType,
  criteria: Criteria,
  country: CountryCode | undefined,
): SearchQuery | undefined => {
  try {
    const query = parseSearch(type, criteria, { strict: true, country });
    return query.criteria.length === criteria.length ? query : undefined;
  } catch (error) {
    if (error instanceof Fault) return undefined;
    throw error;
  }
};
