import { isKnown } from "../resources/all.ts";
import type { KnownType } from "../resources/declaration.ts";
import type { CountryCode } from "../resources/normalise.ts";
import { loadSearch, parseSearch } from "../resources/search.ts";
import type { SearchQuery } from "../resources/search/query.ts";
import { Fault } from "./fault.ts";
import { parseScope } from "./scopes.ts";

/** `Appointment?status=booked` as a search that one resource alone can answer. Throws 422 that names the parameter and never holds a value. */
export const criteriaQuery = async (
  criteria: string,
  country: CountryCode | undefined,
): Promise<SearchQuery> => {
  const [type = "", ...rest] = criteria.split("?");
  if (!isKnown(type))
    throw refused("must begin with a resource type of this server");
  const params = [...new URLSearchParams(rest.join("?"))];
  const linking = params.find(([name]) => /[.]|^_has|:.*:/u.test(name));
  if (linking !== undefined)
    throw refused(
      "chained and reverse chained parameters ask for other resources than the one that changed",
    );
  await loadSearch(type, params);
  const query = understood(type, params, country);
  const [control] = query.honoured.filter(
    ([name]) => !isCriterion(query, name),
  );
  if (control !== undefined)
    throw refused(`${control[0]} is no criterion of a subscription`);
  return query;
};

const understood = (
  type: KnownType,
  params: readonly (readonly [string, string])[],
  country: CountryCode | undefined,
): SearchQuery => {
  try {
    return parseSearch(type, params, { strict: true, country });
  } catch (error) {
    if (error instanceof Fault) throw refused(error.message);
    throw error;
  }
};

const isCriterion = ({ criteria }: SearchQuery, name: string): boolean =>
  criteria.some(({ parameter }) => parameter.name === name.split(":")[0]);

const refused = (text: string): Fault =>
  new Fault("InvalidCriteria", 422, `Subscription criteria: ${text}.`, {
    expression: ["Subscription.criteria"],
  });

/** Whether a clinic system's scopes let it read and search the type at all; each resource is asked about again. */
export const mayFollow = (
  scopes: readonly string[],
  type: KnownType,
): boolean => {
  const grants = scopes.flatMap((scope) => parseScope(scope) ?? []);
  return ["r", "s"].every((letter) =>
    grants.some(
      (grant) =>
        (grant.type === "*" || grant.type === type) &&
        grant.actions.includes(letter),
    ),
  );
};
